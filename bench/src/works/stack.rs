//! The layers together, in their order.

use std::convert::Infallible;

use http::header::SET_COOKIE;
use tower::{Layer as _, Service, ServiceBuilder, service_fn};
use tower_auth::bearer::Algorithm;
use tower_auth::{
    AnyStore, AuthStack, BearerJwtLayer, Clock, CookieLayer, CsrfLayer, KeyRing, MemoryStore,
    Refresh, RefreshLayer, SessionLayer, Settings,
};

use super::requests::{alone, get, pair, with_cookie, with_token, with_twenty_cookies};
use super::session::{login, read};
use super::signed::{ISSUER, Signed};
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
        "whole stack by hand, anonymous, 20 cookies",
        || alone(with_twenty_cookies()),
        || calls(Parts::new().layers().layer(service_fn(bare)), with_twenty_cookies()),
    ),
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

/// The layers, the outermost first.
type Layers = (CookieLayer, CsrfLayer, RefreshLayer, SessionLayer, BearerJwtLayer);

/// The shared parts of the layers.
pub(crate) struct Parts {
    pub(crate) keys: KeyRing,
    pub(crate) store: AnyStore,
    pub(crate) signed: Signed,
}

impl Parts {
    pub(crate) fn new() -> Self {
        Self {
            keys: KeyRing::insecure_from_seed(7),
            store: AnyStore::new(MemoryStore::new(Clock::system())),
            signed: Signed::new(Algorithm::HS256),
        }
    }

    pub(crate) fn refresh(&self) -> Refresh {
        let issuer = self.signed.issuer.clone();
        let refresh = Refresh::builder(self.store.clone(), &self.keys, issuer);
        refresh.settings(&Settings::new().issuer(ISSUER)).build().expect("sound")
    }

    /// Returns every layer except the one that demands an identity, stacked by hand.
    fn layers(&self) -> Layers {
        (
            CookieLayer::new(),
            CsrfLayer::new(&self.keys),
            RefreshLayer::new(self.refresh()),
            SessionLayer::new(self.store.clone(), &self.keys),
            self.signed.issuer.layer().build().expect("sound"),
        )
    }

    /// Returns these layers as one service.
    pub(crate) fn around<S>(
        &self,
        inner: S,
    ) -> impl Service<Request, Response = Response, Error = Infallible> + use<S>
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone,
    {
        let stack =
            AuthStack::new(&self.keys).settings(&Settings::new().issuer(ISSUER)).cookies().csrf();
        let stack = stack.refresh(self.refresh()).session(self.store.clone());
        stack.bearer_of(&self.signed.issuer).build().expect("sound").layer(inner)
    }

    /// Returns all layers as one service.
    pub(crate) fn guarding<S>(
        &self,
        inner: S,
    ) -> impl Service<Request, Response = Response, Error = Infallible> + use<S>
    where
        S: Service<Request, Response = Response, Error = Infallible> + Clone,
    {
        let stack =
            AuthStack::new(&self.keys).settings(&Settings::new().issuer(ISSUER)).cookies().csrf();
        let stack = stack.refresh(self.refresh()).session(self.store.clone());
        let stack = stack.bearer_of(&self.signed.issuer).require();
        stack.build().expect("sound").layer(inner)
    }

    pub(crate) fn with_session(&self) -> Request {
        let response = answer(&mut self.around(service_fn(login)), get(&[]));
        with_cookie(pair(&response.headers()[SET_COOKIE]))
    }

    fn with_token(&self) -> Request {
        with_token(&self.signed.token)
    }
}
