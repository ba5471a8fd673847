//! `POST /transfer`: an action that no other site may trigger in a visitor's browser.

use axum::extract::Json;
use serde_json::{Value, json};
use tower_auth::Identity;

/// Moves nothing. The CSRF layer passes two kinds of requests: those of the application's own pages
/// with a CSRF token of this session, and those of programs with an access token and none of the
/// application's cookies. The guard requires a logged-in user.
pub(crate) async fn transfer(identity: Identity) -> Json<Value> {
    Json(json!({ "transferred": true, "by": identity.subject() }))
}
