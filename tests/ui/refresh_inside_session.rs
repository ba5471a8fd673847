// says: `.refresh(…)` comes once in an AuthStack, before `.session`, `.bearer` and `.require`
use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore, Refresh};

fn stack(keys: &KeyRing, refresh: Refresh) {
    let store = MemoryStore::new(Clock::system());
    let _ = AuthStack::new(keys).csrf().session(store).refresh(refresh).build();
}

fn main() {
    let _ = stack;
}
