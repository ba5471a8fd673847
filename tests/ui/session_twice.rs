// says: `.session(…)` comes once in an AuthStack, before `.require`
use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};

fn main() {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let _ = AuthStack::new(&keys).csrf().session(store.clone()).session(store).build();
}
