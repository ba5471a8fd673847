// The builder in place of the layer.
// says: this AuthStack is not built yet
// says: call `.build()?` on the stack first
use axum::Router;
use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};

fn main() {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let _: Router = Router::new().layer(AuthStack::new(&keys).cookies().csrf().session(store));
}
