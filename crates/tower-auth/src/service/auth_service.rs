//! The service of every layer.

use std::fmt;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::future::{Rest, Waiting, next};
use super::{AuthLayer, InnerBody, KeepReady, OuterBody, ResponseFuture};
use crate::request::RequestScope;

/// The middleware of every layer of this crate, and of every stack of layers.
///
/// A clone increments one reference count, for any number of layers.
#[must_use = "services do nothing unless they are called"]
pub struct AuthService<S, L> {
    inner: S,
    layer: Arc<L>,
}

impl<S, L> AuthService<S, L> {
    pub(crate) const fn new(inner: S, layer: Arc<L>) -> Self {
        Self { inner, layer }
    }
}

impl<S: Clone, L> Clone for AuthService<S, L> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<S: fmt::Debug, L: fmt::Debug> fmt::Debug for AuthService<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inner, layer } = self;
        f.debug_struct("AuthService").field("layer", layer).field("inner", inner).finish()
    }
}

impl<S, L, Q, B> Service<Request<Q>> for AuthService<S, L>
where
    L: AuthLayer<Q, B, Waits: KeepReady<S>> + OuterBody<B>,
    S: Service<Request<<L as InnerBody<Q>>::Body>, Response = Response<B>>,
{
    type Response = Response<<L as OuterBody<B>>::Body>;
    type Error = S::Error;
    type Future = ResponseFuture<S, L, Q, B>;

    fn poll_ready(&mut self, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        // Split once, for all layers and for predicates that read a whole head.
        let (mut head, body) = request.into_parts();
        let scope = if L::SHARES {
            let layer = &*self.layer;
            RequestScope::open(&mut head, layer.events(), layer.allows_caching())
        } else {
            RequestScope::without_context()
        };
        let mut rest = Rest { scope, layer: self.layer.clone() };
        let entered = self.layer.enter(&mut head, body, &mut rest.scope);
        let stage = next(&mut self.inner, head, rest, entered, |inner, head, rest, entering| {
            L::Waits::keep(inner, |inner| Waiting { entering, inner, head, rest })
        });
        ResponseFuture { stage }
    }
}
