//! The middleware.

use std::fmt;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use http::{Request, Response};
use tower_auth_core::event::{Event, Kind};
use tower_auth_core::{AuthState, Refuse, Rejection, refuse};
use tower_service::Service;

use super::authorization::{self, Sent};
use super::claims::{NoClaims, ReadClaims};
use super::future::{ResponseFuture, Stay};
use super::layer::Config;
use super::token::{Accepted, Fault};
use crate::context::{Mark, Scope};
use crate::cookie::vary::Vary;
use crate::inside::Stay as _;

/// The middleware that [`BearerJwtLayer`](super::BearerJwtLayer) makes.
///
/// See the [module docs](crate::bearer) for examples.
#[derive(Clone)]
#[must_use = "services do nothing unless they are called"]
pub struct BearerService<S, C = NoClaims, R = refuse::Empty> {
    inner: S,
    config: Arc<Config>,
    claims: C,
    refuse: R,
}

impl<S, C, R> BearerService<S, C, R> {
    pub(super) fn new(inner: S, config: Arc<Config>, claims: C, refuse: R) -> Self {
        Self { inner, config, claims, refuse }
    }
}

impl<S, C: ReadClaims, R> BearerService<S, C, R> {
    #[cold]
    fn refused(&self, reason: &'static str, detail: Option<&str>) {
        let mut refused = Event::new(Kind::BearerRefused, "BearerJwtLayer").because(reason);
        refused.detail = detail;
        self.config.events.emit(refused);
    }

    /// What the request's credential proves; `None` without one.
    fn authenticate<B>(&self, request: &mut Request<B>) -> Result<Option<AuthState>, Rejection> {
        let token = match authorization::read(request.headers()) {
            Sent::Nothing => return Ok(None),
            Sent::Malformed => {
                authorization::hide(request.headers_mut());
                self.refused("invalid_request", None);
                return Err(Rejection::InvalidRequest);
            }
            Sent::Token(token) => token,
        };
        let mut buffer = Vec::new();
        let checked = self.config.rules.check(token, self.config.clock.now(), &mut buffer);
        let read = checked.map_err(|fault| (fault, None)).and_then(|accepted| {
            let read = self.claims.read(accepted.claims, request.extensions_mut());
            read.map(|()| accepted).map_err(|misfit| (Fault::Claims, Some(misfit)))
        });
        authorization::hide(request.headers_mut());
        match read {
            Ok(Accepted { identity, has_roles, .. }) => {
                let events = &self.config.events;
                let accepted = Event::new(Kind::BearerAccepted, "BearerJwtLayer");
                events.emit(accepted.of(&identity));
                if let Some(dotted) = &self.config.dotted {
                    dotted.saw(has_roles, events);
                }
                Ok(Some(AuthState::Known(identity)))
            }
            Err((fault, misfit)) => {
                self.refused(fault.code(), misfit.as_deref());
                Err(Rejection::InvalidToken)
            }
        }
    }
}

impl<S, C, R, ReqBody, ResBody> Service<Request<ReqBody>> for BearerService<S, C, R>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    C: ReadClaims,
    R: Refuse<ResBody> + Clone,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody, R>;

    fn poll_ready(&mut self, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let refuse = |rejection, dialect, request: &Request<ReqBody>| {
            refuse::write_for(&self.refuse, rejection, dialect, request)
        };
        let scope = match Scope::begin(&mut request, Mark::Bearer, &self.config.events, refuse) {
            Ok(scope) => scope,
            Err(response) => return ResponseFuture::refused(response),
        };
        if self.config.allow_caching {
            scope.allow_caching();
        }
        // With or without a token: an answer to neither serves the other.
        scope.context().jar.vary(Vary::Authorization);
        let authenticated = self.authenticate(&mut request);
        let sent = !matches!(authenticated, Ok(None));
        let context = scope.context().clone();
        let (method, uri, headers) = (request.method(), request.uri(), request.headers());
        let writer = self.refuse.for_request(method, uri, headers);
        let stay = Stay::new(scope, self.config.clone(), sent, writer);
        let noted = authenticated.and_then(|state| {
            let state = state.unwrap_or(AuthState::Anonymous);
            context.authenticate(Mark::Bearer, state, request.extensions_mut()).inspect_err(|_| {
                self.config.events.emit(Event::new(Kind::AuthAmbiguous, "BearerJwtLayer"));
            })
        });
        match noted {
            // The readied service itself: it is called here, so there is nothing to take.
            Ok(()) => ResponseFuture::inside(self.inner.call(request), stay),
            Err(rejection) => {
                let mut response = stay.refusal(rejection);
                stay.finish(&mut response);
                ResponseFuture::refused(response)
            }
        }
    }
}

impl<S: fmt::Debug, C, R> fmt::Debug for BearerService<S, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
