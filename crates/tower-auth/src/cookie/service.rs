use std::fmt;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use http::{Request, Response};
use tower_auth_core::refuse::Empty;
use tower_auth_core::{Refuse, refuse};
use tower_service::Service;

use super::future::Stay;
use super::{Config, ResponseFuture};
use crate::context::{Mark, Scope};

/// The middleware of [`CookieLayer`](super::CookieLayer).
///
/// See the [module documentation](super).
#[derive(Clone)]
#[must_use = "services do nothing unless they are called"]
pub struct CookieService<S, R = Empty> {
    inner: S,
    config: Arc<Config>,
    refuse: R,
}

impl<S, R> CookieService<S, R> {
    pub(super) const fn new(inner: S, config: Arc<Config>, refuse: R) -> Self {
        Self { inner, config, refuse }
    }
}

impl<S, R, ReqBody, ResBody> Service<Request<ReqBody>> for CookieService<S, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    R: Refuse<ResBody> + Clone,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let refuse = |rejection, dialect, request: &Request<ReqBody>| {
            refuse::write_for(&self.refuse, rejection, dialect, request)
        };
        match Scope::begin(&mut request, Mark::Cookie, &self.config.events, refuse) {
            Ok(scope) => {
                if self.config.allow_caching {
                    scope.allow_caching();
                }
                scope.context().set_cookies(self.config.clone());
                let stay = Stay::new(scope);
                // The readied service itself: it is called here, so there is nothing to take.
                ResponseFuture::inside(self.inner.call(request), stay)
            }
            Err(response) => ResponseFuture::refused(response),
        }
    }
}

impl<S: fmt::Debug, R> fmt::Debug for CookieService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
