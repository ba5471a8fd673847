// says: a session in an AuthStack needs `.csrf()` before it
use tower_auth::{AuthStack, Clock, JwtIssuer, KeyRing, MemoryStore};

fn stack(keys: &KeyRing, issuer: &JwtIssuer) {
    let store = MemoryStore::new(Clock::system());
    let _ = AuthStack::new(keys).bearer_of(issuer).session(store).require().build();
}

fn main() {
    let _ = stack;
}
