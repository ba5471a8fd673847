//! Credentials for applications without their authenticating layers.

use http::request::Parts;
use tower_auth_core::Identity;

use crate::WithIdentity;

/// Inserts the user's identity, as [`WithIdentity`] does around a service. For routers that are
/// tried without a session or bearer layer: such a layer inside would look for credentials of its
/// own.
#[allow(clippy::unused_async, reason = "`Routes::check` takes an async function")]
pub async fn with_identity(user: Option<&Identity>, request: &mut Parts) {
    let found = user.cloned().map_or_else(WithIdentity::anonymous, WithIdentity::known);
    found.insert_into(&mut request.extensions);
}
