// says: `.session(…)` comes once in an AuthStack, before `.require`
use tower_auth::{AuthStack, Clock, JwtIssuer, KeyRing, MemoryStore};

fn stack(keys: &KeyRing, issuer: &JwtIssuer) {
    let store = MemoryStore::new(Clock::system());
    let _ = AuthStack::new(keys).csrf().bearer_of(issuer).require().session(store).build();
}

fn main() {
    let _ = stack;
}
