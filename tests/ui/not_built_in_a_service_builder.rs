// says: this AuthStack is not built yet
// says: call `.build()?` on the stack first
use tower::ServiceBuilder;
use tower_auth::{AuthStack, KeyRing};

fn main() {
    let keys = KeyRing::random();
    let handler = tower::service_fn(async |_: http::Request<()>| {
        Ok::<_, std::convert::Infallible>(http::Response::new(()))
    });
    let _ = ServiceBuilder::new().layer(AuthStack::new(&keys).cookies()).service(handler);
}
