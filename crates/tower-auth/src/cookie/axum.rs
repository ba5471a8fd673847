//! The extractor for axum.

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use tower_auth_core::axum::Refusal;
use tower_auth_core::{Events, Misconfigured};

use super::Cookies;

const NO_LAYER: Misconfigured = Misconfigured {
    layer: "Cookies",
    problem: "no CookieLayer is outside: add one around the routes that extract Cookies",
};

/// Responds with 500 if there is no [`CookieLayer`](super::CookieLayer) outside.
impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::of(&parts.extensions).ok_or_else(|| {
            Events::of(&parts.extensions).misconfigured(NO_LAYER);
            Refusal::new(NO_LAYER, parts)
        })
    }
}
