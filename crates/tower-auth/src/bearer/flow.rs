//! Handling of the request and of the response.

#[cfg(feature = "csrf")]
use std::sync::Arc;
use std::task::{Context as Task, Poll, ready};

use http::request::Parts;
use http::{Extensions, Response, StatusCode};
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::refuse;
use tower_auth_core::{
    AuthMethod, AuthState, Authentication, Dialect, Events, Identity, Misconfigured, Refuse,
    Rejection, RequiredScopes, Timestamp,
};

use super::authorization::{self, Sent};
use super::carriers::{Carried, Carriers};
use super::challenge;
use super::claims::{Kept, ReadClaims};
use super::layer::{BearerJwtLayer, Config};
use super::live::{Answer, KeyWait};
use super::remembered::Found;
use super::token::{Accepted, Fault, Refusal, Token};
#[cfg(feature = "csrf")]
use crate::csrf;
use crate::jar::vary::Vary;
use crate::request::{AuthSource, Context, LayerFlag, RequestScope};
use crate::service::{self, HeadLayer, Load, MayWait, Never, OnRequest};

/// The state of one request.
pub struct Entered {
    /// Whether the request carried a bearer credential, valid or not.
    sent: bool,
    dialect: Dialect,
}

impl<C: ReadClaims, R> HeadLayer for BearerJwtLayer<C, R> {
    const FLAG: Option<LayerFlag> = Some(LayerFlag::Bearer);
    type Writer = R;
    type LateWriter = service::Kept<R>;
    type State = Entered;
    type Loading = KeyWait;
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
        match self.authenticate(head, scope.context(), true) {
            Authenticated::Is(state) => self.enter(Ok(state), head, scope),
            Authenticated::Rejected(rejection) => self.enter(Err(rejection), head, scope),
            Authenticated::Waits(wait) => OnRequest::Wait(wait),
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
        if let Some(carriers) = &self.config.carriers {
            carriers.add_vary(response.headers_mut());
        }
        None
    }
}

/// The number of times that a token's key is sought in keys that keep changing.
const LOOKS: usize = 3;

/// The result of authentication.
enum Authenticated {
    /// The request has no credential, or a valid one.
    Is(Option<AuthState>),
    Rejected(Rejection),
    /// The token names a key that is being fetched.
    Waits(KeyWait),
}

impl<C: ReadClaims, R> Load<BearerJwtLayer<C, R>> for KeyWait {
    type Waits = MayWait;

    fn poll_load(
        &mut self,
        layer: &BearerJwtLayer<C, R>,
        head: &mut Parts,
        scope: &mut RequestScope,
        task: &mut Task<'_>,
    ) -> Poll<OnRequest<BearerJwtLayer<C, R>>> {
        ready!(self.poll(task));
        let result = match layer.authenticate(head, scope.context(), false) {
            Authenticated::Is(state) => Ok(state),
            Authenticated::Rejected(rejection) => Err(rejection),
            Authenticated::Waits(_) => Err(Rejection::Unavailable),
        };
        Poll::Ready(layer.enter(result, head, scope))
    }
}

impl<C: ReadClaims, R> BearerJwtLayer<C, R> {
    /// Notes the result of authentication in the context.
    fn enter(
        &self,
        result: Result<Option<AuthState>, Rejection>,
        head: &mut Parts,
        scope: &mut RequestScope,
    ) -> OnRequest<Self> {
        let entered =
            Entered { sent: !matches!(result, Ok(None)), dialect: scope.context().dialect };
        let noted = result.and_then(|state| {
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

    #[cold]
    fn refused(&self, reason: &'static str, detail: Option<&str>) {
        let mut refused = Event::new(EventKind::BearerRefused, "BearerJwtLayer").because(reason);
        refused.detail = detail;
        self.config.events.emit(refused);
    }

    /// Authenticates the request by its credential. `may_wait` says whether it may wait for a key.
    fn authenticate(&self, head: &mut Parts, context: &Context, may_wait: bool) -> Authenticated {
        if let Some(carriers) = &self.config.carriers {
            return self.authenticate_from(carriers, head, context, may_wait);
        }
        let authenticated = match authorization::read(&head.headers) {
            Sent::Nothing => return Authenticated::Is(None),
            Sent::Malformed => self.malformed(),
            Sent::Token(token) => self.check(token, &mut head.extensions, may_wait, |it| it),
        };
        authorization::hide(&mut head.headers);
        authenticated
    }

    /// Authenticates the request by its credential, from one of several carriers.
    #[inline(never)]
    fn authenticate_from(
        &self,
        carriers: &Carriers,
        head: &mut Parts,
        context: &Context,
        may_wait: bool,
    ) -> Authenticated {
        carriers.vary(&context.jar);
        let authenticated = match carriers.read(&head.headers, &head.uri, &context.jar) {
            Carried::Nothing => Authenticated::Is(None),
            Carried::Malformed => self.malformed(),
            Carried::Token { token, by_cookie: false } => {
                self.check(&token, &mut head.extensions, may_wait, |it| it)
            }
            Carried::Token { token, by_cookie: true } => match unguarded(carriers, context) {
                Some(misconfigured) => {
                    self.config.events.misconfigured(misconfigured);
                    Authenticated::Rejected(misconfigured.into())
                }
                None => self.check(&token, &mut head.extensions, may_wait, by_cookie),
            },
        };
        authorization::hide(&mut head.headers);
        carriers.hide(&mut head.headers);
        authenticated
    }

    /// Authenticates a token. `carried` returns the identity as this request's carrier proves it.
    fn check(
        &self,
        token: &[u8],
        extensions: &mut Extensions,
        may_wait: bool,
        carried: impl FnOnce(Identity) -> Identity,
    ) -> Authenticated {
        let now = self.config.clock.now();
        let mut buffer = Vec::new();
        match self.remembered.find(token, &self.config.issuers, now) {
            Found::Token(found) => {
                self.claims.insert(&found.claims, extensions);
                self.accepted(found.issuer, found.has_roles, carried(found.identity.clone()))
            }
            Found::NoKeys => self.unavailable(),
            Found::Nothing => match self.verify(token, now, &mut buffer, may_wait) {
                Ok((issuer, accepted, claims)) => {
                    self.claims.insert(&claims, extensions);
                    let identity = carried(accepted.identity.clone());
                    let authenticated = self.accepted(issuer, accepted.has_roles, identity);
                    self.remembered.keep(token, issuer, accepted, claims);
                    authenticated
                }
                Err(refused) => refused,
            },
        }
    }

    /// Verifies a token. Returns the position of its issuer, and the claims for the application.
    fn verify<'b>(
        &self,
        token: &[u8],
        now: Timestamp,
        buffer: &'b mut Vec<u8>,
        may_wait: bool,
    ) -> Result<(usize, Accepted<'b>, Kept), Authenticated> {
        let Config { issuers, max_bytes, .. } = &*self.config;
        let read = Token::read(token, *max_bytes, buffer);
        let token = read.map_err(|fault| self.unreadable(token, fault))?;
        for _ in 0..LOOKS {
            let (keys, generation) = match issuers.check(&token, now) {
                Ok((issuer, accepted)) => {
                    let read = self.claims.read(accepted.claims);
                    let claims = read.map_err(|why| self.invalid(Fault::Claims, Some(&why)))?;
                    return Ok((issuer, accepted, claims));
                }
                Err(Refusal::Fault(fault)) => return Err(self.invalid(fault, None)),
                Err(Refusal::NoKeys) => return Err(self.unavailable()),
                Err(Refusal::UnknownKey { keys, generation }) => (keys, generation),
            };
            match keys.ask(generation, !may_wait) {
                Answer::LookAgain => {}
                Answer::Unknown => return Err(self.invalid(Fault::Key, None)),
                Answer::Wait(wait) if may_wait => return Err(Authenticated::Waits(wait)),
                Answer::Wait(_) | Answer::Unavailable => break,
            }
        }
        Err(self.unavailable())
    }

    /// Answers 400: the request does not carry one well-formed credential.
    #[cold]
    fn malformed(&self) -> Authenticated {
        self.refused("invalid_request", None);
        Authenticated::Rejected(Rejection::InvalidRequest)
    }

    /// Refuses a token that is no JWT, or no token at all.
    #[cold]
    fn unreadable(&self, token: &[u8], fault: Fault) -> Authenticated {
        match authorization::is_token68(token) {
            true => self.invalid(fault, None),
            false => self.malformed(),
        }
    }

    #[cold]
    fn invalid(&self, fault: Fault, detail: Option<&str>) -> Authenticated {
        self.refused(fault.code(), detail);
        Authenticated::Rejected(Rejection::InvalidToken)
    }

    /// Answers 503: the issuer's keys may not be used, or the token's key could not be fetched.
    #[cold]
    fn unavailable(&self) -> Authenticated {
        self.refused("keys_unavailable", None);
        Authenticated::Rejected(Rejection::Unavailable)
    }

    fn accepted(&self, issuer: usize, has_roles: bool, identity: Identity) -> Authenticated {
        let events = &self.config.events;
        if let Some(dotted) = &self.config.issuers.get(issuer).dotted {
            dotted.saw(has_roles, events);
        }
        if events.wants(EventKind::BearerAccepted) {
            let accepted = Event::new(EventKind::BearerAccepted, "BearerJwtLayer");
            events.emit(accepted.of(&identity));
        }
        Authenticated::Is(Some(AuthState::Known(identity)))
    }

    /// Adds the challenge that belongs to the response.
    fn challenge<B>(&self, entered: &Entered, response: &mut Response<B>) {
        let challenges = &self.config.challenges;
        // Errors are named only to clients that sent a token (RFC 6750, 3.1).
        let rejection = response.extensions().get::<Rejection>().filter(|_| entered.sent);
        let scope = || {
            let required = response.extensions().get::<RequiredScopes>();
            required.filter(|_| challenges.name_scopes()).map(RequiredScopes::as_str)
        };
        let challenge = match (response.status(), rejection) {
            (StatusCode::UNAUTHORIZED, Some(Rejection::InvalidToken)) => {
                Some(challenges.invalid_token())
            }
            (StatusCode::UNAUTHORIZED, Some(Rejection::TooOld { max_age })) => {
                Some(challenges.too_old(*max_age, scope()))
            }
            (StatusCode::UNAUTHORIZED, _) => Some(challenges.plain(scope())),
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
        challenges.complete(response.headers_mut());
    }
}

/// Returns the identity as a token in a cookie proves it. The memory of tokens holds the method of a
/// token in a header.
fn by_cookie(identity: Identity) -> Identity {
    let authentication = identity.authentication();
    identity
        .with_authentication(Authentication { method: AuthMethod::BearerCookie, ..authentication })
}

/// Returns a misconfiguration if an outer CSRF layer does not count one of the cookies as a
/// credential.
fn unguarded(carriers: &Carriers, context: &Context) -> Option<Misconfigured> {
    #[cfg(feature = "csrf")]
    if context.is_marked(LayerFlag::Csrf) {
        const UNGUARDED: Misconfigured = Misconfigured {
            layer: "BearerJwtLayer",
            problem: "the outer CsrfLayer does not count the cookie of from_cookie as a \
                      credential: add the cookie's name to CsrfLayer's .ambient_cookies",
        };
        let is_counted = |csrf: &Arc<csrf::Config>| {
            carriers.cookies().all(|name| csrf.policy.is_ambient(name.as_bytes()))
        };
        return context.with_csrf(|csrf| (!is_counted(csrf)).then_some(UNGUARDED));
    }
    let _ = (carriers, context);
    None
}

tower_auth_core::opaque_debug!(Entered, "bearer::Entered");
