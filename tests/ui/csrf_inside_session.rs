// `.csrf` after `.session`.
// says: `.csrf()` comes once in an AuthStack, before `.refresh`, `.session`, `.bearer` and `.require`
use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};

fn main() {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let _ = AuthStack::new(&keys).insecure_without_csrf().session(store).csrf().build();
}
