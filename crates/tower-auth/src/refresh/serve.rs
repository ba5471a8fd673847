//! The two endpoints' work.

use std::borrow::Cow;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use tower_auth_core::Rejection;

use super::answer::{self, OAuthError};
use super::params::Params;
use super::{Presented, Refresh, RefreshError};
use crate::context::{Context, Mark, Scope};
use crate::cookie::jar::Found;
use crate::trace::event;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Refresh,
    Revoke,
}

/// Answers a request and writes the cookies that go with the answer.
pub(super) async fn serve<B: Body>(
    refresh: Refresh,
    does: Does,
    scope: Scope,
    request: Request<B>,
) -> Response<Bytes> {
    let (parts, body) = request.into_parts();
    let context = scope.context();
    context.jar.no_store();
    let answered = answer(&refresh, does, context, &parts, body).await;
    let mut response = answered.unwrap_or_else(|refused| refused);
    scope.finish(&mut response);
    response
}

/// Cheapest refusal first.
async fn answer<B: Body>(
    refresh: &Refresh,
    does: Does,
    context: &Context,
    parts: &Parts,
    body: B,
) -> Result<Response<Bytes>, Response<Bytes>> {
    if parts.method != Method::POST {
        return Err(answer::only_post());
    }
    let cookie = cookie(refresh, context)?;
    if cookie.is_some() {
        guard(refresh, context, parts)?;
    }
    let malformed = || answer::error(OAuthError::InvalidRequest);
    let params = Params::read(&parts.headers, body).await.map_err(|_| malformed())?;
    let by_body = match does {
        Does::Refresh => params.refresh_token.as_deref(),
        Does::Revoke => params.token.as_deref(),
    };
    let token = match (cookie.as_deref(), by_body) {
        (None, None) => return Err(malformed()),
        // Whose family is meant?
        (Some(one), Some(other)) if one != other => return Err(malformed()),
        (Some(token), _) | (None, Some(token)) => token,
    };
    let presented =
        Presented { token, client: params.client_id.as_deref(), scope: params.scope.as_deref() };
    match does {
        Does::Refresh => {
            let grant = params.grant_type.as_deref();
            if grant.is_some_and(|grant| grant != "refresh_token") {
                return Err(answer::error(OAuthError::UnsupportedGrantType));
            }
            let tokens = match refresh.refresh(presented).await {
                Ok(tokens) => tokens,
                Err(error) => {
                    // A race that was lost is no end: only of a dead family the cookie is taken.
                    let is_final = matches!(&error, RefreshError::Refused(it) if it.is_final());
                    if cookie.is_some() && is_final {
                        let _ = refresh.0.remove_cookie(context);
                    }
                    return Err(refused(error, context));
                }
            };
            if cookie.is_some() {
                // Its form is ours and sound, and the head is not out before this returns.
                let _ = refresh.0.write_cookie(context, &tokens.refresh, tokens.lifetime);
            }
            Ok(answer::tokens(tokens.json(by_body.is_some())))
        }
        Does::Revoke => {
            refresh.revoke(presented).await.map_err(|error| refused(error, context))?;
            if cookie.is_some() {
                let _ = refresh.0.remove_cookie(context);
            }
            Ok(answer::revoked())
        }
    }
}

/// The token that came by cookie, if one did.
fn cookie<'a>(
    refresh: &Refresh,
    context: &'a Context,
) -> Result<Option<Cow<'a, str>>, Response<Bytes>> {
    match context.jar.find(refresh.0.template.name()) {
        Found::Absent | Found::One(b"") => Ok(None),
        // What is no text is no token either.
        Found::One(value) => Ok(Some(String::from_utf8_lossy(value))),
        Found::Twice => {
            event!(WARN, code = "cookie_twice", "a refresh token's cookie came twice");
            Err(answer::error(OAuthError::InvalidRequest))
        }
    }
}

/// A cookie comes by itself, so another site may be behind it. What comes in the body does not.
fn guard(refresh: &Refresh, context: &Context, parts: &Parts) -> Result<(), Response<Bytes>> {
    // A layer outside has judged already, by its own settings.
    if context.is_marked(Mark::Csrf) {
        return Ok(());
    }
    crate::csrf::judge(&refresh.0.csrf, &context.jar, parts).map_err(|fault| {
        let rejection = Rejection::Csrf(fault);
        event!(WARN, code = rejection.code(), "refused");
        answer::refused(rejection, context.dialect)
    })
}

fn refused(error: RefreshError, context: &Context) -> Response<Bytes> {
    let rejection = match error {
        RefreshError::Refused(_) => return answer::error(OAuthError::InvalidGrant),
        RefreshError::Scope => return answer::error(OAuthError::InvalidScope),
        RefreshError::Unavailable => Rejection::Unavailable,
        RefreshError::Busy => Rejection::Busy,
        RefreshError::TooLarge => Rejection::TooLarge,
        RefreshError::Mint(_) => {
            event!(ERROR, code = "refresh_mint_failed", "no access token could be minted");
            Rejection::Unreadable
        }
        RefreshError::Unsupported => Rejection::Unreadable,
    };
    answer::refused(rejection, context.dialect)
}
