// The texts are strings, and a router's response has axum's body.
// says: this `Refuse` type cannot build a response with the body `
// says: must name the inner service's: in axum `axum::body::Body`
use axum::Router;
use http::Response;
use tower_auth::{AuthStack, Clock, Dialect, KeyRing, MemoryStore, Rejection, refuse};

fn text(rejection: &Rejection, dialect: Dialect) -> Response<String> {
    refuse::respond(rejection, dialect, rejection.to_string())
}

fn main() {
    let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    let stack = AuthStack::new(&keys).refuse_with(text).cookies().csrf().session(store);
    let _: Router = Router::new().layer(stack.build().unwrap());
}
