// says: shared settings of an AuthStack come before its first layer
// says: a layer was already added, and was built without this
use tower_auth::{Settings, AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let _ = AuthStack::new(&keys).cookies().settings(&Settings::new().issuer("https://app.example")).csrf().build();
}
