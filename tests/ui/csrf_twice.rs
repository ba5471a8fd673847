// says: `.csrf()` comes once in an AuthStack
use tower_auth::{AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let _ = AuthStack::new(&keys).csrf().csrf().build();
}
