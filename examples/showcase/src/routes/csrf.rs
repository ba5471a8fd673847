//! `GET /csrf`: a token for requests that must carry one.

use axum::extract::Json;
use axum::response::{IntoResponse, Response};
use tower_auth::CsrfToken;

/// Responds with a new token. All tokens stay valid for this session.
pub(crate) async fn issue(token: CsrfToken) -> Response {
    match token.issue() {
        Ok(token) => Json(serde_json::json!({ "token": token })).into_response(),
        Err(error) => error.into_response(),
    }
}
