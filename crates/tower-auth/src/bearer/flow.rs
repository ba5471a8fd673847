//! Handling of the request and of the response.

use http::request::Parts;
use http::{Response, StatusCode};
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::refuse;
use tower_auth_core::{AuthState, Dialect, Events, Refuse, Rejection};

use super::authorization::{self, Sent};
use super::challenge;
use super::claims::ReadClaims;
use super::layer::BearerJwtLayer;
use super::token::{Accepted, Fault};
use crate::jar::vary::Vary;
use crate::request::{AuthSource, LayerFlag, RequestScope};
use crate::service::{HeadLayer, Kept, Never, OnRequest};

/// The state of one request.
pub struct Entered {
    /// Whether the request carried a bearer credential, valid or not.
    sent: bool,
    dialect: Dialect,
}

impl<C: ReadClaims, R> HeadLayer for BearerJwtLayer<C, R> {
    const FLAG: Option<LayerFlag> = Some(LayerFlag::Bearer);
    type Writer = R;
    type LateWriter = Kept<R>;
    type State = Entered;
    type Loading = Never;
    type Saving = Never;

    fn writer(&self) -> &R {
        &self.refuse
    }

    fn events(&self) -> &Events {
        &self.config.events
    }

    fn allows_caching(&self) -> bool {
        self.config.allow_caching
    }

    fn on_request(&self, head: &mut Parts, scope: &mut RequestScope) -> OnRequest<Self> {
        // Also set without a token: an answer to a request without a token must not serve one with
        // a token, nor the reverse.
        scope.context().jar.vary(Vary::Authorization);
        let authenticated = self.authenticate(head);
        let entered =
            Entered { sent: !matches!(authenticated, Ok(None)), dialect: scope.context().dialect };
        let noted = authenticated.and_then(|state| {
            let state = state.unwrap_or(AuthState::Anonymous);
            scope
                .context()
                .authenticate(AuthSource::Bearer, state, &mut head.extensions)
                .inspect_err(|_| {
                    self.config.events.emit(Event::new(EventKind::AuthAmbiguous, "BearerJwtLayer"))
                })
        });
        match noted {
            Ok(()) => OnRequest::Continue(entered),
            Err(rejection) => OnRequest::Refuse(rejection, entered),
        }
    }

    /// Writes the refusal of an extractor, and adds the challenge that belongs to the response.
    fn on_response<B>(
        &self,
        entered: Entered,
        writer: &R,
        response: &mut Response<B>,
    ) -> Option<Never>
    where
        R: Refuse<B>,
    {
        refuse::render_deferred(writer, entered.dialect, response);
        self.challenge(&entered, response);
        None
    }
}

impl<C: ReadClaims, R> BearerJwtLayer<C, R> {
    #[cold]
    fn refused(&self, reason: &'static str, detail: Option<&str>) {
        let mut refused = Event::new(EventKind::BearerRefused, "BearerJwtLayer").because(reason);
        refused.detail = detail;
        self.config.events.emit(refused);
    }

    /// Returns the state that the request's credential proves, or `None` without a credential.
    fn authenticate(&self, head: &mut Parts) -> Result<Option<AuthState>, Rejection> {
        let token = match authorization::read(&head.headers) {
            Sent::Nothing => return Ok(None),
            Sent::Malformed => {
                authorization::hide(&mut head.headers);
                self.refused("invalid_request", None);
                return Err(Rejection::InvalidRequest);
            }
            Sent::Token(token) => token,
        };
        let mut buffer = Vec::new();
        let checked = self.config.rules.check(token, self.config.clock.now(), &mut buffer);
        let read = checked.map_err(|fault| (fault, None)).and_then(|accepted| {
            let read = self.claims.read(accepted.claims, &mut head.extensions);
            read.map(|()| accepted).map_err(|misfit| (Fault::Claims, Some(misfit)))
        });
        authorization::hide(&mut head.headers);
        match read {
            Ok(Accepted { identity, has_roles, .. }) => {
                let events = &self.config.events;
                if events.wants(EventKind::BearerAccepted) {
                    let accepted = Event::new(EventKind::BearerAccepted, "BearerJwtLayer");
                    events.emit(accepted.of(&identity));
                }
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

    fn challenge<B>(&self, entered: &Entered, response: &mut Response<B>) {
        let challenges = &self.config.challenges;
        // Errors are named only to clients that sent a token (RFC 6750, 3.1).
        let rejection = response.extensions().get::<Rejection>().filter(|_| entered.sent);
        let challenge = match (response.status(), rejection) {
            (StatusCode::UNAUTHORIZED, Some(Rejection::InvalidToken)) => {
                Some(challenges.invalid_token())
            }
            (StatusCode::UNAUTHORIZED, Some(Rejection::TooOld { max_age })) => {
                Some(challenges.too_old(*max_age))
            }
            (StatusCode::UNAUTHORIZED, _) => Some(challenges.plain()),
            (StatusCode::BAD_REQUEST, Some(Rejection::InvalidRequest | Rejection::Ambiguous)) => {
                Some(challenges.invalid_request())
            }
            (StatusCode::FORBIDDEN, Some(Rejection::Scope { scope })) => {
                Some(challenges.insufficient_scope(Some(scope)))
            }
            (StatusCode::FORBIDDEN, Some(Rejection::Role { .. })) => {
                Some(challenges.insufficient_scope(None))
            }
            _ => None,
        };
        if let Some(challenge) = challenge {
            challenge::append(response.headers_mut(), challenge);
        }
    }
}

tower_auth_core::opaque_debug!(Entered, "bearer::Entered");
