// says: `.cookies()` comes first in an AuthStack, and once
use tower_auth::{AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let _ = AuthStack::new(&keys).csrf().cookies().build();
}
