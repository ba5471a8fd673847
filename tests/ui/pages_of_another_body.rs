// The pages are strings, and a router's response has axum's body.
// says: this `Refuse` type cannot build a response with the body `
// says: must name the inner service's: in axum `axum::body::Body`
use axum::Router;
use http::Response;
use tower_auth::refuse::{self, RequestHead, with_request};
use tower_auth::{AuthStack, Clock, Dialect, KeyRing, MemoryStore, Rejection};

fn page(rejection: &Rejection, dialect: Dialect, _: &RequestHead) -> Response<String> {
    refuse::respond(rejection, dialect, format!("<p>{rejection}"))
}

fn main() {
    let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    let stack = AuthStack::new(&keys).refuse_with(with_request(page)).cookies().csrf().session(store);
    let _: Router = Router::new().layer(stack.build().unwrap());
}
