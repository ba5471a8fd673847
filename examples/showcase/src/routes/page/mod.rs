//! `GET /` and `GET /login`: one page. It works without scripts; `page.js` and `tokens.js` add
//! buttons.

mod asked;
mod sessions;
mod tokens;
pub(crate) mod typed;
mod view;

use axum::extract::State;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::app::Shared;
pub(crate) use asked::Asked;

/// Shows the caller and the request. The page itself does not read the store: the session layer
/// does, and only if the request has a session cookie.
pub(crate) async fn show(State(shared): State<Shared>, asked: Asked) -> Response {
    respond(StatusCode::OK, &shared, &asked, None)
}

/// Shows the same page after a failed login.
pub(crate) fn wrong_login(shared: &Shared, asked: &Asked) -> Response {
    let alert = "Name or password is wrong.";
    respond(StatusCode::UNAUTHORIZED, shared, asked, Some(alert))
}

fn respond(status: StatusCode, shared: &Shared, asked: &Asked, alert: Option<&str>) -> Response {
    let mut nonce = [0_u8; 16];
    if getrandom::fill(&mut nonce).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let nonce = STANDARD.encode(nonce);
    let Ok(policy) = HeaderValue::try_from(policy(&nonce)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    let page = view::page(&nonce, shared.clock.now(), asked, alert, shared.sessions.is_some())
        .into_string();
    (status, headers, page).into_response()
}

/// Allows only the application's own style and script, and no frame around the page.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
