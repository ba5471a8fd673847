//! `GET /me` and `GET /api/me`: the identity, and how it was proven.

use axum::extract::Json;
use serde::Serialize;
use tower_auth::{Identity, Timestamp};

/// An identity as JSON; times are Unix seconds.
#[derive(Serialize)]
pub(crate) struct Me {
    subject: String,
    via: &'static str,
    roles: Vec<String>,
    scopes: Vec<String>,
    authenticated_at: Option<u64>,
    expires_at: Option<u64>,
}

impl Me {
    pub(crate) fn of(identity: &Identity) -> Self {
        Self {
            subject: identity.subject().into(),
            via: identity.method().as_str(),
            roles: identity.roles().map(Into::into).collect(),
            scopes: identity.scopes().map(Into::into).collect(),
            authenticated_at: identity.authenticated_at().map(Timestamp::as_unix_seconds),
            expires_at: identity.expires_at().map(Timestamp::as_unix_seconds),
        }
    }
}

/// The guard ensures that there is an identity: it responds with 401 to an anonymous caller, and
/// with 503 if the store does not respond.
pub(crate) async fn show(identity: Identity) -> Json<Me> {
    Json(Me::of(&identity))
}
