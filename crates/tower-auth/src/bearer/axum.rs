//! `FromRequestParts` for [`Claims`].

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use tower_auth_core::axum::Refusal;
use tower_auth_core::{AuthState, Events, Misconfigured, Rejection};

use super::Claims;

const MISSING: Misconfigured = Misconfigured {
    layer: "Claims",
    problem: "no BearerJwtLayer around this route reads claims into this type: add \
              .claims::<T>() to its builder",
};

/// Returns the claims that a layer built with [`BearerJwtLayerBuilder::claims`](super::BearerJwtLayerBuilder::claims) has read.
///
/// # Errors
///
/// - 401 without a token;
/// - 503 if another layer could not establish the user's identity;
/// - 500 if the layer is missing, or reads the claims into another type.
impl<S: Sync, T: Send + Sync + 'static> FromRequestParts<S> for Claims<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let state = AuthState::used(&parts.extensions);
        let claims = parts.extensions.get::<Self>();
        // The other credential may belong to another principal, and the request would be refused.
        if let Some(claims) = claims.filter(|_| !matches!(state, Ok(AuthState::Unknown))) {
            return Ok(claims.clone());
        }
        let rejection = match state {
            Ok(AuthState::Anonymous) => Rejection::Anonymous,
            Ok(AuthState::Unknown) => Rejection::Unavailable,
            // The identity comes from another layer, or no layer authenticates.
            Ok(AuthState::Known(_)) | Err(_) => {
                Events::of(&parts.extensions).misconfigured(MISSING);
                MISSING.into()
            }
        };
        Err(Refusal::new(rejection, parts))
    }
}
