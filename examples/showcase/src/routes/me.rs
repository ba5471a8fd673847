//! `GET /me` and `GET /api/me`: who I am and how it was proven.

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

/// The guard has seen to it that there is one: nobody is 401, a store that does not answer is 503.
pub(crate) async fn show(identity: Identity) -> Json<Me> {
    Json(Me::of(&identity))
}
