// says: the trait `tower_auth::store::Store` is not implemented for `JwtIssuer`
use tower_auth::{AuthStack, JwtIssuer, KeyRing};

fn stack(keys: &KeyRing, issuer: JwtIssuer) {
    let _ = AuthStack::new(keys).csrf().session(issuer).build();
}

fn main() {
    let _ = stack;
}
