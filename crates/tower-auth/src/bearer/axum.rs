//! `FromRequestParts` for [`Claims`].

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use tower_auth_core::axum::Refusal;
use tower_auth_core::{AuthState, Events, Rejection, Wiring};

use super::Claims;

const MISSING: Wiring = Wiring {
    layer: "Claims",
    problem: "no BearerJwtLayer outside of this route reads claims into this type: add \
              .claims::<T>() to its builder",
};

/// Without a token it is 401; where another layer cannot say who it is, 503; where the layer is missing, or reads another type, 500.
impl<S: Sync, T: Send + Sync + 'static> FromRequestParts<S> for Claims<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let state = AuthState::used(&parts.extensions);
        let claims = parts.extensions.get::<Self>();
        // The other credential may be another principal's, which would be refused.
        if let Some(claims) = claims.filter(|_| !matches!(state, Ok(AuthState::Unknown))) {
            return Ok(claims.clone());
        }
        let rejection = match state {
            Ok(AuthState::Anonymous) => Rejection::Anonymous,
            Ok(AuthState::Unknown) => Rejection::Unavailable,
            // Somebody else proved who it is, or nobody would.
            Ok(AuthState::Known(_)) | Err(_) => {
                Events::of(&parts.extensions).wiring(MISSING);
                MISSING.into()
            }
        };
        Err(Refusal::new(rejection, parts))
    }
}
