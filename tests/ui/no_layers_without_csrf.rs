// says: this AuthStack has no layers
use tower_auth::{AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let _ = AuthStack::new(&keys).insecure_without_csrf().build();
}
