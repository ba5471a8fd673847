// `.require` before any layer that authenticates.
// says: `.require` in an AuthStack needs `.session(…)` or `.bearer(…)` before it
// says: nothing proves an identity yet: no request could pass
use tower_auth::{AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let _ = AuthStack::new(&keys).cookies().csrf().require().build();
}
