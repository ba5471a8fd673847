//! `GET /api/admin`: for the role `admin`.

use axum::extract::Json;
use serde_json::{Value, json};
use tower_auth::Identity;

/// The guard already checked the role.
pub(crate) async fn show(identity: Identity) -> Json<Value> {
    Json(json!({ "welcome": identity.subject() }))
}
