//! The layers together, in their order.

use std::convert::Infallible;

use http::header::SET_COOKIE;
use tower::{Layer as _, Service, ServiceBuilder, service_fn};
use tower_auth::bearer::Algorithm;
use tower_auth::{
    AnyStore, BearerJwtLayer, Clock, CookieLayer, CsrfLayer, KeyRing, MemoryStore, Refresh,
    RefreshLayer, RequireLayer, SessionLayer,
};

use super::requests::{alone, get, pair, with_cookie, with_token, with_twenty_cookies};
use super::session::{login, read};
use super::signed::Signed;
use crate::Work;
use crate::call::{Request, Response, answer, bare, calls};

pub(crate) const WORKS: &[Work] = &[
    Work::new(
        "three layers, anonymous",
        || alone(with_twenty_cookies()),
        || {
            let keys = KeyRing::insecure_from_seed(7);
            let stack = ServiceBuilder::new()
                .layer(CookieLayer::new())
                .layer(CsrfLayer::new(&keys))
                .layer(SessionLayer::new(MemoryStore::new(Clock::system()), &keys));
            calls(stack.service_fn(bare), with_twenty_cookies())
        },
    ),
    Work::new(
        "whole stack, anonymous, 20 cookies",
        || alone(with_twenty_cookies()),
        || calls(Parts::new().around(service_fn(bare)), with_twenty_cookies()),
    )
    .aims(4_000)
    .allocates(8),
    Work::new(
        "whole stack, the same, no cookies",
        || alone(get(&[])),
        || calls(Parts::new().around(service_fn(bare)), get(&[])),
    )
    .aims(4_000)
    .allocates(8),
    Work::new(
        "whole stack, one session value",
        || alone(Parts::new().with_session()),
        || {
            let parts = Parts::new();
            calls(parts.guarding(service_fn(read)), parts.with_session())
        },
    ),
    Work::new(
        "whole stack, HS256 token",
        || alone(Parts::new().with_token()),
        || {
            let parts = Parts::new();
            calls(parts.guarding(service_fn(bare)), parts.with_token())
        },
    ),
];

/// Outermost first.
type Layers = (CookieLayer, CsrfLayer, RefreshLayer, SessionLayer, BearerJwtLayer);

/// What the layers share.
pub(crate) struct Parts {
    keys: KeyRing,
    store: AnyStore,
    signed: Signed,
}

impl Parts {
    pub(crate) fn new() -> Self {
        Self {
            keys: KeyRing::insecure_from_seed(7),
            store: AnyStore::new(MemoryStore::new(Clock::system())),
            signed: Signed::new(Algorithm::HS256),
        }
    }

    /// Every layer but the one that demands an identity.
    pub(crate) fn layers(&self) -> Layers {
        let issuer = self.signed.issuer.clone();
        let refresh = Refresh::builder(self.store.clone(), &self.keys, issuer);
        (
            CookieLayer::new(),
            CsrfLayer::new(&self.keys),
            RefreshLayer::new(refresh.build().expect("sound")),
            SessionLayer::new(self.store.clone(), &self.keys),
            self.signed.issuer.layer().build().expect("sound"),
        )
    }

    fn around<S>(
        &self,
        inner: S,
    ) -> impl Service<Request, Response = Response, Error = Infallible> + use<S>
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone,
    {
        self.layers().layer(inner)
    }

    /// All of them.
    pub(crate) fn guarding<S>(
        &self,
        inner: S,
    ) -> impl Service<Request, Response = Response, Error = Infallible> + use<S>
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone,
    {
        self.around(ServiceBuilder::new().layer(RequireLayer::new()).service(inner))
    }

    pub(crate) fn with_session(&self) -> Request {
        let response = answer(&mut self.around(service_fn(login)), get(&[]));
        with_cookie(pair(&response.headers()[SET_COOKIE]))
    }

    fn with_token(&self) -> Request {
        with_token(&self.signed.token)
    }
}
