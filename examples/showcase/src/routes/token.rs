//! `POST /auth/token`: an access token, and the refresh token that begins a family of them.
//!
//! `/auth/refresh` and `/auth/revoke` have no file: the refresh layer serves them.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tower_auth::refresh::RefreshError;
use tower_auth::{Rejection, Secret};

use crate::app::Shared;
use crate::problem::Problem;

/// What asks for tokens. It has no `Debug`.
#[derive(Deserialize)]
pub(crate) struct Body {
    username: String,
    password: String,
    #[serde(default)]
    refresh: Carrier,
}

/// How the refresh token travels.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Carrier {
    /// In a cookie, which no script reads: for browsers.
    #[default]
    Cookie,
    /// Beside the access token: for clients that keep it themselves.
    Body,
}

/// Proves name and password, and begins a family. The session, if there is one, stays as it is.
pub(crate) async fn issue(
    State(shared): State<Shared>,
    parts: Parts,
    body: Result<Json<Body>, JsonRejection>,
) -> Response {
    // What axum says of a body that does not fit quotes the body: say nothing of it.
    let Ok(Json(body)) = body else { return Problem::NOT_READABLE.into_response() };
    let Body { username, password, refresh: carrier } = body;
    let Some(identity) = shared.users.verify(username, Secret::new(password)).await else {
        return Problem::WRONG_LOGIN.into_response();
    };
    let tokens = match shared.refresh.begin(&identity, None).await {
        Ok(tokens) => tokens,
        Err(RefreshError::Unavailable) => return Rejection::Unavailable.into_response(),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let document = if carrier == Carrier::Body {
        tokens.to_json_with_refresh_token()
    } else {
        if let Err(error) = shared.refresh.set_cookie(&parts.extensions, &tokens) {
            return error.into_response();
        }
        tokens.to_json()
    };
    ([(CONTENT_TYPE, "application/json")], document).into_response()
}
