//! The middleware.

use std::fmt;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use super::layer::Paths;
use super::serve::{Does, serve};
use super::{Refresh, ResponseFuture, answer};
use crate::context::{Mark, Scope};

/// The middleware of [`RefreshLayer`](super::RefreshLayer).
///
/// See the [module documentation](super).
#[derive(Clone)]
#[must_use = "services do nothing unless they are called"]
pub struct RefreshService<S> {
    inner: S,
    refresh: Refresh,
    paths: Arc<Paths>,
    allow_caching: bool,
}

impl<S> RefreshService<S> {
    pub(super) const fn new(
        inner: S,
        refresh: Refresh,
        paths: Arc<Paths>,
        allow_caching: bool,
    ) -> Self {
        Self { inner, refresh, paths, allow_caching }
    }

    fn endpoint(&self, path: &str) -> Option<Does> {
        if path == self.paths.refresh {
            Some(Does::Refresh)
        } else if path == self.paths.revoke {
            Some(Does::Revoke)
        } else {
            None
        }
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for RefreshService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ReqBody: Body + Send + 'static,
    ResBody: From<Bytes>,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let refuse = |rejection, dialect, _: &Request<ReqBody>| {
            answer::refused(rejection, dialect).map(ResBody::from)
        };
        let events = &self.refresh.0.events;
        let scope = match Scope::begin(&mut request, Mark::Refresh, events, refuse) {
            Ok(scope) => scope,
            Err(response) => return ResponseFuture::refused(response),
        };
        if self.allow_caching {
            scope.allow_caching();
        }
        match self.endpoint(request.uri().path()) {
            Some(does) => {
                let serving = serve(self.refresh.clone(), does, scope, request);
                ResponseFuture::serving(Box::pin(serving))
            }
            None => {
                let (uri, headers) = (request.uri(), request.headers());
                self.refresh.0.meet(scope.context(), uri, headers, request.extensions());
                // The readied service itself: it is called here, so there is nothing to take.
                ResponseFuture::inside(self.inner.call(request), scope)
            }
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for RefreshService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
