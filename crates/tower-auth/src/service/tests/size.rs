//! The size of the future.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower::service_fn;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    AuthStack, BearerJwtLayer, Clock, CookieLayer, CsrfLayer, JwtIssuer, KeyRing, MemoryStore,
    Refresh, RefreshLayer, SessionLayer,
};

type Body = Full<Bytes>;

#[test]
fn the_combined_future_is_not_larger_than_the_nested_ones() {
    let keys = KeyRing::insecure_from_seed(1);
    let store = MemoryStore::new(Clock::system());
    let issuer = JwtIssuer::builder("local", "local").generated_key("1").build().unwrap();
    let refresh = Refresh::builder(store.clone(), &keys, issuer.clone()).build().unwrap();
    let app =
        || service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::default())));
    let request = || Request::new(Body::default());
    let stack = AuthStack::new(&keys).cookies().csrf().refresh(refresh.clone());
    let stack = stack.session(store.clone()).bearer_of(&issuer).build().unwrap();
    let combined = size_of_val(&stack.layer(app()).call(request()));
    let bearer: BearerJwtLayer = issuer.layer().build().unwrap();
    let inside = SessionLayer::new(store, &keys).layer(bearer.layer(app()));
    let inside = RefreshLayer::new(refresh).layer(inside);
    let mut nested = CookieLayer::new().layer(CsrfLayer::new(&keys).layer(inside));
    let nested = size_of_val(&nested.call(request()));
    assert!(combined <= nested, "{combined} octets, and {nested} by hand");
}
