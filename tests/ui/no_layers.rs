// says: this AuthStack has no layers
use tower_auth::{Settings, AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let _ = AuthStack::new(&keys).settings(&Settings::new().issuer("https://app.example")).build();
}
