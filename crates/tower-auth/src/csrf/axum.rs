//! The extractor for axum.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use tower_auth_core::axum::Refusal;
use tower_auth_core::{Events, Misconfigured, Rejection};

use super::{CsrfToken, TokenError};

const NO_LAYER: Misconfigured = Misconfigured {
    layer: "CsrfToken",
    problem: "no CsrfLayer is outside: add one around the routes that extract CsrfToken \
              (a CsrfHeadersLayer has no tokens)",
};

/// Responds with 500 if there is no [`CsrfLayer`](super::CsrfLayer) outside.
impl<S: Sync> FromRequestParts<S> for CsrfToken {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::of(&parts.extensions).ok_or_else(|| {
            Events::of(&parts.extensions).misconfigured(NO_LAYER);
            Refusal::new(NO_LAYER, parts)
        })
    }
}

/// Responds with 500: only the application can fix these errors.
impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        if matches!(self, Self::ResponseSent) {
            Events::none().misconfigured(super::error::TOO_LATE);
        }
        Rejection::from(self).into_response()
    }
}
