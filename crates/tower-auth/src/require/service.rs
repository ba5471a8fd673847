//! The middleware.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_auth_core::Refuse;
use tower_auth_core::refuse::Empty;
use tower_service::Service;

use super::ResponseFuture;
use super::layer::Config;

/// What [`RequireLayer`](super::RequireLayer) makes of a service. See the
/// [module](crate::require).
#[must_use]
pub struct RequireService<S, R = Empty> {
    inner: S,
    config: Arc<Config<R>>,
}

impl<S, R> RequireService<S, R> {
    pub(super) fn new(inner: S, config: Arc<Config<R>>) -> Self {
        Self { inner, config }
    }
}

impl<S: Clone, R> Clone for RequireService<S, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), config: self.config.clone() }
    }
}

impl<S: fmt::Debug, R> fmt::Debug for RequireService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<S, R, ReqBody, ResBody> Service<Request<ReqBody>> for RequireService<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    R: Refuse<ResBody> + Clone,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        match self.config.check(&request) {
            Ok(()) => {
                let scopes = self.config.demands.scopes.clone();
                ResponseFuture::passed(self.inner.call(request), scopes)
            }
            Err(response) => ResponseFuture::refused(response),
        }
    }
}
