//! The sizes of futures, which are moved and kept for each request in flight.

use std::future::{Ready, ready};

use tower::{Layer, Service, service_fn};
use tower_auth::bearer::Algorithm;
use tower_auth::{
    Clock, CookieLayer, CsrfLayer, KeyRing, MemoryStore, Refresh, RefreshLayer, RequireLayer,
    SessionLayer,
};

use crate::call::{Reply, Request};
use crate::works::signed::Signed;
use crate::works::stack::Parts;

/// The size of the future inside of the layers.
pub const INNER: usize = size_of::<Ready<Reply>>();

fn inner(_: Request) -> Ready<Reply> {
    ready(Ok(http::Response::default()))
}

fn future<S: Service<Request>>(mut service: S) -> usize {
    size_of_val(&service.call(Request::default()))
}

/// Returns the size of each layer's future around it, and of the whole stack's.
#[must_use]
pub fn all() -> Vec<(&'static str, usize)> {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let signed = Signed::new(Algorithm::HS256);
    let refresh = Refresh::builder(store.clone(), &keys, signed.issuer.clone());
    let refresh = RefreshLayer::new(refresh.build().expect("sound"));
    let bearer = signed.issuer.layer().build().expect("sound");
    vec![
        ("CookieLayer", future(CookieLayer::new().layer(service_fn(inner)))),
        ("CsrfLayer", future(CsrfLayer::new(&keys).layer(service_fn(inner)))),
        ("RefreshLayer", future(refresh.layer(service_fn(inner)))),
        ("SessionLayer", future(SessionLayer::new(store, &keys).layer(service_fn(inner)))),
        ("BearerJwtLayer", future(bearer.layer(service_fn(inner)))),
        ("RequireLayer", future(RequireLayer::new().layer(service_fn(inner)))),
        ("all of them", future(Parts::new().guarding(service_fn(inner)))),
    ]
}
