//! The work of the two endpoints.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body::Body;
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::{Misconfigured, Rejection};

use super::answer::{self, Fault, OAuthError};
use super::client::{self, Header};
use super::engine::LAYER;
use super::params::Params;
use super::{PresentedToken, Refresh, RefreshError};
use crate::csrf::Checked;
use crate::jar::presented::{MOST_ENDED, Presented as Arrived};
use crate::jar::stale::may_remove;
use crate::request::{Context, LayerFlag};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Refresh,
    Revoke,
}

/// Answers a request, and sets the cookies of the response.
pub(super) async fn serve<B: Body>(
    refresh: Refresh,
    does: Does,
    context: Arc<Context>,
    head: Parts,
    body: B,
) -> Response<Bytes> {
    context.jar.no_store();
    refresh.0.meet(&context, &head);
    let answered = answer(&refresh, does, &context, &head, body).await;
    answered.unwrap_or_else(|fault| answer::fault(fault, context.dialect))
}

/// Checks the conditions in the order of their cost.
async fn answer<B: Body>(
    refresh: &Refresh,
    does: Does,
    context: &Context,
    parts: &Parts,
    body: B,
) -> Result<Response<Bytes>, Fault> {
    if parts.method != Method::POST {
        return Err(Fault::Method);
    }
    let malformed = || Fault::OAuth(OAuthError::InvalidRequest);
    let arrived = refresh.0.arrived(context);
    let by_cookie = arrived.is_own();
    if matches!(arrived, Arrived::Conflict(..)) {
        emit(refresh, Event::new(EventKind::RefreshTwice, LAYER));
        if does == Does::Refresh {
            return Err(malformed());
        }
    }
    if by_cookie {
        guard(refresh, context, parts)?;
    }
    let header = Header::read(&parts.headers);
    let params = Params::read(&parts.headers, body).await.map_err(|_| malformed())?;
    let by_body = match does {
        Does::Refresh => params.refresh_token.as_deref(),
        Does::Revoke => params.token.as_deref(),
    };
    // A value that is not text is not a token either.
    let mut foreign = context.jar.values(refresh.0.template.name()).map(String::from_utf8_lossy);
    let foreign = foreign.find(|value| !value.is_empty());
    let presented = match (&arrived, by_body) {
        (Arrived::Absent, None) => return Err(malformed()),
        // Ambiguous: cookie and body may name different families.
        (Arrived::One(..) | Arrived::Conflict(..), Some(_)) => return Err(malformed()),
        (Arrived::One(token, _), None) => vec![PresentedToken::from_cookie(token.value)],
        (Arrived::Conflict(tokens, _), None) => {
            tokens.iter().map(|token| PresentedToken::from_cookie(token.value)).collect()
        }
        (Arrived::Absent | Arrived::Foreign, Some(token)) => vec![PresentedToken::new(token)],
        (Arrived::Foreign, None) => {
            vec![PresentedToken::from_cookie(foreign.as_deref().unwrap_or_default())]
        }
    };
    let client = client(refresh, &header, &params)?;
    let scope = params.scope.as_deref();
    let mut presented = presented.into_iter().map(|it| PresentedToken { client, scope, ..it });
    match does {
        Does::Refresh => {
            let grant = params.grant_type.as_deref();
            if grant.is_some_and(|grant| grant != "refresh_token") {
                return Err(OAuthError::UnsupportedGrantType.into());
            }
            // Several tokens were refused above.
            let presented = presented.next_back().ok_or_else(malformed)?;
            if let Arrived::One(token, _) = &arrived {
                // After the exchange the client needs the new cookie, because the old one is
                // consumed.
                let room = refresh.0.check_room(context, token);
                room.map_err(|_| fault(refresh, RefreshError::TooLarge))?;
            }
            let tokens = match refresh.refresh(presented).await {
                Ok(tokens) => tokens,
                Err(error) => {
                    // A lost race is not final. The cookie is removed only for an ended family, and
                    // not by a background request, whose response may arrive after a login in
                    // another tab.
                    let is_final = matches!(&error, RefreshError::Refused(it) if it.is_final());
                    if by_cookie && is_final && may_remove(&parts.headers) {
                        let _ = refresh.0.remove_cookie(context);
                    }
                    return Err(fault(refresh, error));
                }
            };
            if by_cookie {
                // This cannot fail: the cookie is well-formed, there is room, and the head is not
                // sent before this function returns.
                let _ = refresh.0.write_successor(context, &tokens);
            }
            Ok(answer::tokens(tokens.json(!by_cookie)))
        }
        Does::Revoke => {
            // Every token is revoked even if another one fails. Success means that all families
            // have ended.
            let mut revoked = Ok(());
            for presented in presented.by_ref().take(MOST_ENDED) {
                revoked = revoked.and(refresh.revoke(presented).await);
            }
            revoked.map_err(|error| fault(refresh, error))?;
            if by_cookie {
                let _ = refresh.0.remove_cookie(context);
            }
            if presented.next().is_some() {
                return Err(malformed());
            }
            Ok(answer::revoked())
        }
    }
}

/// Returns the client that the request names, after its secret was accepted.
fn client<'a>(
    refresh: &Refresh,
    header: &'a Header,
    params: &'a Params,
) -> Result<Option<&'a str>, Fault> {
    // More than one mechanism (RFC 6749, 5.2): if this code believed one of them, another component
    // might believe the other.
    let both = header.is_basic() && params.client_secret.is_some();
    if both || matches!(header, Header::Several) {
        return Err(OAuthError::InvalidRequest.into());
    }
    client::named(header, params, &refresh.0.accepts).map_err(|fault| {
        emit(refresh, Event::new(EventKind::RefreshRefused, LAYER).because(fault.code()));
        Fault::Client { fault, by_header: header.is_basic() }
    })
}

const OTHER_KEYS: Misconfigured = Misconfigured {
    layer: LAYER,
    problem: "the outer CsrfLayer has another KeyRing than this Refresh, so its tokens cannot be \
              bound to the family: build both with the same KeyRing",
};

/// Checks a token from a cookie, because another site may have caused the browser to send it. A
/// token in the body needs no check.
fn guard(refresh: &Refresh, context: &Context, parts: &Parts) -> Result<(), Fault> {
    let cookie = refresh.0.template.name().as_bytes();
    // If an outer layer knows this cookie, it has already checked the request with its own
    // settings.
    if let Some(config) = context.csrf().filter(|_| context.is_marked(LayerFlag::Csrf)) {
        if !refresh.0.mint.is_of(&config.families) {
            refresh.0.events.misconfigured(OTHER_KEYS);
            return Err(Rejection::from(OTHER_KEYS).into());
        }
        if config.policy.is_ambient(cookie) {
            return Ok(());
        }
    }
    if Checked::covers(parts) {
        return Ok(());
    }
    crate::csrf::check(&refresh.0.csrf, &context.jar, parts).map_err(|fault| {
        crate::csrf::emit(&refresh.0.events, EventKind::CsrfRefused, LAYER, fault);
        Rejection::Csrf(fault).into()
    })
}

fn emit(refresh: &Refresh, event: Event<'_>) {
    refresh.0.events.emit(event);
}

fn fault(refresh: &Refresh, error: RefreshError) -> Fault {
    match error {
        RefreshError::Refused(_) => OAuthError::InvalidGrant.into(),
        RefreshError::Scope => OAuthError::InvalidScope.into(),
        RefreshError::Unavailable => Rejection::Unavailable.into(),
        RefreshError::Busy => Rejection::Busy.into(),
        RefreshError::TooLarge => Rejection::TooLarge.into(),
        RefreshError::Mint(_) => {
            emit(refresh, Event::new(EventKind::RefreshMintFailed, LAYER));
            Rejection::Unreadable.into()
        }
    }
}
