// says: `.bearer(…)` comes once in an AuthStack, before `.require`
// says: for tokens of several issuers use `.bearer_any([…])` once
use tower_auth::{AuthStack, JwtIssuer, KeyRing};

fn stack(keys: &KeyRing, issuer: &JwtIssuer) {
    let _ = AuthStack::new(keys).bearer_of(issuer).bearer_of(issuer).build();
}

fn main() {
    let _ = stack;
}
