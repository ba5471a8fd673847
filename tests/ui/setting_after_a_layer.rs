// says: shared settings of an AuthStack come before its first layer
// says: a layer was added already, and was built without this
use tower_auth::{AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let _ = AuthStack::new(&keys).cookies().issuer("https://app.example").csrf().build();
}
