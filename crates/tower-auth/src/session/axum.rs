//! `FromRequestParts` for [`Session`], and its errors as responses.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use tower_auth_core::axum::Refusal;
use tower_auth_core::{AuthState, Rejection, Wiring};

use super::{Session, SessionError};

const MISSING: Wiring =
    Wiring { layer: "Session", problem: "no SessionLayer is outside of this route: add one" };

/// A missing layer is 500. Where the store cannot be asked the session is there all the same: its
/// methods answer [`SessionError::Unavailable`].
impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::of(&parts.extensions).ok_or_else(|| {
            // A layer that was told to skip this route says so itself.
            let wiring = AuthState::of(&parts.extensions).err().unwrap_or(MISSING);
            let wiring = if wiring == Wiring::NO_AUTHENTICATION { MISSING } else { wiring };
            crate::trace::wiring(wiring);
            Refusal::new(wiring, parts)
        })
    }
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        // The client is told a code at most; what went wrong, and under which key, is the log's.
        crate::trace::event!(WARN, error = %self, "a handler gave its session's error to the client");
        Rejection::from(self).into_response()
    }
}
