//! `FromRequestParts` for [`Identity`], and refusals as axum responses.

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use crate::refuse::{self, Empty, Unwritten};
use crate::{AuthState, Dialect, Events, Identity, Rejection};

#[cfg(test)]
mod tests;

/// A refusal by an extractor: a [`Rejection`] in the client's dialect.
#[derive(Clone, Debug)]
pub struct Refusal {
    rejection: Rejection,
    dialect: Dialect,
}

impl Refusal {
    /// Refuses this request.
    pub fn new(rejection: impl Into<Rejection>, parts: &Parts) -> Self {
        Self { rejection: rejection.into(), dialect: Dialect::of(&parts.method, &parts.headers) }
    }

    /// Why.
    #[must_use]
    pub const fn rejection(&self) -> &Rejection {
        &self.rejection
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        unwritten(self.rejection, self.dialect)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        unwritten(self, Dialect::Http)
    }
}

/// Without a body, which a layer outside writes as it was told to (`.refuse_with`).
fn unwritten(rejection: Rejection, dialect: Dialect) -> Response {
    let mut response = refuse::write::<Body>(&Empty, rejection, dialect);
    Unwritten::mark(&mut response);
    response
}

/// Anonymous: 401 (the authenticating layer adds its challenge). Unknown: 503. No layer: 500.
impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match AuthState::used(&parts.extensions) {
            Ok(AuthState::Known(identity)) => Ok(identity),
            Ok(AuthState::Anonymous) => Err(Refusal::new(Rejection::Anonymous, parts)),
            Ok(AuthState::Unknown) => Err(Refusal::new(Rejection::Unavailable, parts)),
            Err(wiring) => {
                Events::of(&parts.extensions).wiring(wiring);
                Err(Refusal::new(wiring, parts))
            }
        }
    }
}

/// Anonymous and unknown are both `None`; a missing layer is still 500.
impl<S: Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Refusal> {
        match AuthState::used(&parts.extensions) {
            Ok(AuthState::Known(identity)) => Ok(Some(identity)),
            Ok(AuthState::Anonymous | AuthState::Unknown) => Ok(None),
            Err(wiring) => {
                Events::of(&parts.extensions).wiring(wiring);
                Err(Refusal::new(wiring, parts))
            }
        }
    }
}
