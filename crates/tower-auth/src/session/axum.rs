//! `FromRequestParts` for [`Session`], and its errors as responses.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;
use tower_auth_core::axum::Refusal;
use tower_auth_core::event::{Event, Kind};
use tower_auth_core::{AuthState, Events, Rejection, Wiring};

use crate::session::{Session, SessionError};

const MISSING: Wiring = Wiring {
    layer: "Session",
    problem: "no SessionLayer is outside of this route: add one. In axum `.layer` reaches only \
              routes that were added before it",
};

/// A missing layer is 500. Where the store cannot be asked the session is there all the same: its
/// methods answer [`SessionError::Unavailable`].
impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::of(&parts.extensions).ok_or_else(|| {
            // A layer that was told to skip this route says so itself.
            let wiring = AuthState::of(&parts.extensions).err().unwrap_or(MISSING);
            let wiring = if wiring == Wiring::NO_AUTHENTICATION { MISSING } else { wiring };
            Events::of(&parts.extensions).wiring(wiring);
            Refusal::new(wiring, parts)
        })
    }
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        // The client is told nothing of it. Not the key either: an application may take it from the
        // request.
        let passed = Passed(self.code());
        let mut response = Rejection::from(self).into_response();
        response.extensions_mut().insert(passed);
        response
    }
}

/// In a response that was a session's error: its code. The layer outside, from which the session
/// was, knows whom to tell.
#[derive(Clone)]
struct Passed(&'static str);

pub(super) fn tell_passed<B>(events: &Events, response: &mut http::Response<B>) {
    if let Some(Passed(code)) = response.extensions_mut().remove() {
        events.emit(Event::new(Kind::SessionErrorPassed, "Session").because(code));
    }
}
