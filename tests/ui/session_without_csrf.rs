// says: a session in an AuthStack needs `.csrf()` before it
// says: browsers attach the session's cookie to requests that other sites cause
// says: `.insecure_without_csrf()`
use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};

fn main() {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let _ = AuthStack::new(&keys).cookies().session(store).build();
}
