//! `FromRequestParts` for [`Session`], and its errors as responses.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use tower_auth_core::axum::Refusal;
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::{AuthState, Events, Misconfigured, Rejection};

use crate::session::{Session, SessionError};

const MISSING: Misconfigured = Misconfigured {
    layer: "Session",
    problem: "this route is not inside a SessionLayer: add one. In axum, `.layer` applies only to \
              routes that were added before it",
};

/// A missing layer is refused with 500. If the store is unavailable, the extractor still succeeds,
/// and the session's methods return [`SessionError::Unavailable`].
impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::of(&parts.extensions).ok_or_else(|| {
            // A layer that skips this route reports that itself.
            let misconfigured = AuthState::of(&parts.extensions).err().unwrap_or(MISSING);
            let misconfigured = if misconfigured == Misconfigured::NO_AUTHENTICATION {
                MISSING
            } else {
                misconfigured
            };
            Events::of(&parts.extensions).misconfigured(misconfigured);
            Refusal::new(misconfigured, parts)
        })
    }
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        // The response says nothing about it, not even the key: an application may take the key
        // from the request.
        let passed = Passed(self.code());
        let mut response = Rejection::from(self).into_response();
        response.extensions_mut().insert(passed);
        response
    }
}

/// The code of a [`SessionError`] that became a response. `SessionLayer` takes it out of the
/// response's extensions and emits the event.
#[derive(Clone)]
struct Passed(&'static str);

pub(super) fn emit_passed<B>(events: &Events, response: &mut http::Response<B>) {
    if let Some(Passed(code)) = response.extensions_mut().remove() {
        events.emit(Event::new(EventKind::SessionErrorPassed, "Session").because(code));
    }
}
