use std::fmt;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use http::{Request, Response};
use tower_auth_core::event::{Event, Kind};
use tower_auth_core::refuse::Empty;
use tower_auth_core::{Refuse, Rejection, Wiring, refuse};
use tower_service::Service;

use super::judge::{is_handshake, is_safe, judge};
use super::{Config, ResponseFuture};
use crate::context::{Mark, Scope};

const INSIDE_SESSION: Wiring =
    Wiring { layer: "CsrfLayer", problem: "CsrfLayer inside SessionLayer: put it outside" };

/// The middleware of [`CsrfLayer`](super::CsrfLayer).
///
/// See the [module documentation](super).
#[derive(Clone)]
#[must_use = "services do nothing unless they are called"]
pub struct CsrfService<S, R = Empty> {
    inner: S,
    config: Arc<Config>,
    refuse: R,
}

impl<S, R> CsrfService<S, R> {
    pub(super) const fn new(inner: S, config: Arc<Config>, refuse: R) -> Self {
        Self { inner, config, refuse }
    }
}

impl<S, R, ReqBody, ResBody> Service<Request<ReqBody>> for CsrfService<S, R>
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
        let scope = match Scope::begin(&mut request, Mark::Csrf, &self.config.events, refuse) {
            Ok(scope) => scope,
            Err(response) => return ResponseFuture::refused(response),
        };
        if self.config.allow_caching {
            scope.allow_caching();
        }
        if scope.context().is_marked(Mark::Session) {
            self.config.events.wiring(INSIDE_SESSION);
            return self.refused(scope, INSIDE_SESSION.into(), &request);
        }
        scope.context().set_csrf(self.config.clone());
        self.config.pre_session.meet(scope.context(), &request);
        if is_safe(request.method()) && !is_handshake(request.headers()) {
            return ResponseFuture::inside(self.inner.call(request), scope);
        }
        // Taken apart for the predicates, which read a whole head.
        let (parts, body) = request.into_parts();
        if let Err(fault) = judge(&self.config, &scope.context().jar, &parts) {
            let rejection = Rejection::Csrf(fault);
            if !self.config.report_only {
                self.tell(Kind::CsrfRefused, &rejection);
                return self.refused(scope, rejection, &Request::from_parts(parts, body));
            }
            self.tell(Kind::CsrfWouldRefuse, &rejection);
        }
        // The readied service itself: it is called here, so there is nothing to take.
        let request = Request::from_parts(parts, body);
        ResponseFuture::inside(self.inner.call(request), scope)
    }
}

impl<S, R> CsrfService<S, R> {
    fn tell(&self, kind: Kind, rejection: &Rejection) {
        self.config.events.emit(Event::new(kind, "CsrfLayer").because(rejection.code()));
    }

    fn refused<F, B, ReqBody>(
        &self,
        scope: Scope,
        rejection: Rejection,
        request: &Request<ReqBody>,
    ) -> ResponseFuture<F, B>
    where
        R: Refuse<B> + Clone,
    {
        let dialect = scope.context().dialect;
        let mut response = refuse::write_for(&self.refuse, rejection, dialect, request);
        scope.finish(&mut response);
        ResponseFuture::refused(response)
    }
}

impl<S: fmt::Debug, R> fmt::Debug for CsrfService<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
