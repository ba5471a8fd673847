// A problem document needs a body that can be created from bytes.
// says: this `Refuse` type cannot build a response with the body `()`
// says: a closure fits any body
use http::{Request, Response};
use tower::Service;
use tower::ServiceBuilder;
use tower_auth::refuse::Problem;
use tower_auth::{AuthStack, KeyRing};

fn is_service<S: Service<Request<()>>>(_: &S) {}

fn main() {
    let keys = KeyRing::random();
    let stack = AuthStack::new(&keys).refuse_with(Problem).cookies().build().unwrap();
    let handler = tower::service_fn(async |_: Request<()>| {
        Ok::<_, std::convert::Infallible>(Response::new(()))
    });
    is_service(&ServiceBuilder::new().layer(stack).service(handler));
}
