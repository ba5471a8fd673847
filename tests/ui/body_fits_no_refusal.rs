// The default writes an empty body, and this type cannot be empty.
// says: this `Refuse` type cannot build a response with the body `Odd`
// says: a closure fits any body
use http::{Request, Response};
use tower::Service;
use tower::ServiceBuilder;
use tower_auth::{AuthStack, KeyRing};

struct Odd(std::num::NonZeroU8);

fn is_service<S: Service<Request<()>>>(_: &S) {}

fn main() {
    let keys = KeyRing::random();
    let stack = AuthStack::new(&keys).cookies().build().unwrap();
    let handler = tower::service_fn(async |_: Request<()>| {
        Ok::<_, std::convert::Infallible>(Response::new(Odd(std::num::NonZeroU8::MIN)))
    });
    is_service(&ServiceBuilder::new().layer(stack).service(handler));
}
