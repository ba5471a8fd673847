//! `POST /auth/token`: issues an access token, and the first refresh token of a family.
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

/// The body of a request for tokens. It has no `Debug`.
#[derive(Deserialize)]
pub(crate) struct Body {
    username: String,
    password: String,
    #[serde(default)]
    refresh: Transport,
}

/// The transport of the refresh token.
#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Transport {
    /// The response sets a cookie that no script can read; for browsers.
    #[default]
    Cookie,
    /// The response's body contains the token; for clients that store it themselves.
    Body,
}

/// Verifies name and password, and starts a family. Does not change a session.
pub(crate) async fn issue(
    State(shared): State<Shared>,
    parts: Parts,
    body: Result<Json<Body>, JsonRejection>,
) -> Response {
    // axum's error quotes the body, so the response does not contain it.
    let Ok(Json(body)) = body else { return Problem::NOT_READABLE.into_response() };
    let Body { username, password, refresh: transport } = body;
    let Some(identity) = shared.users.verify(username, Secret::new(password)).await else {
        return Problem::WRONG_LOGIN.into_response();
    };
    let tokens = match shared.refresh.begin(&identity, None).await {
        Ok(tokens) => tokens,
        Err(RefreshError::Unavailable) => return Rejection::Unavailable.into_response(),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let document = if transport == Transport::Body {
        tokens.to_json_with_refresh_token()
    } else {
        if let Err(error) = shared.refresh.set_cookie(&parts.extensions, &tokens) {
            return error.into_response();
        }
        tokens.to_json()
    };
    ([(CONTENT_TYPE, "application/json")], document).into_response()
}
