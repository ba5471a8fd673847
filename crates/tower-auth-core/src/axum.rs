//! `FromRequestParts` for [`Identity`], and refusals as axum responses.

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use crate::refuse::{self, DeferredRefusal, Empty};
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
    /// Refuses the request with these `parts`.
    pub fn new(rejection: impl Into<Rejection>, parts: &Parts) -> Self {
        Self { rejection: rejection.into(), dialect: Dialect::of(&parts.method, &parts.headers) }
    }

    /// Returns the reason of the refusal.
    #[must_use]
    pub const fn rejection(&self) -> &Rejection {
        &self.rejection
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        deferred(self.rejection, self.dialect)
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        deferred(self, Dialect::Http)
    }
}

/// Writes a refusal without a body. An outer layer adds the body (`.refuse_with`).
fn deferred(rejection: Rejection, dialect: Dialect) -> Response {
    let mut response = refuse::write::<Body>(&Empty, rejection, dialect);
    DeferredRefusal::mark(&mut response);
    response
}

/// Extracts the identity. Anonymous requests are refused with 401 (the authenticating layer adds
/// its challenge), unknown ones with 503. Without an authenticating layer, the answer is 500.
impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match AuthState::used(&parts.extensions) {
            Ok(AuthState::Known(identity)) => Ok(identity),
            Ok(AuthState::Anonymous) => Err(Refusal::new(Rejection::Anonymous, parts)),
            Ok(AuthState::Unknown) => Err(Refusal::new(Rejection::Unavailable, parts)),
            Err(misconfigured) => {
                Events::of(&parts.extensions).misconfigured(misconfigured);
                Err(Refusal::new(misconfigured, parts))
            }
        }
    }
}

/// Extracts the identity, or `None` if the request is anonymous or unknown. Without an
/// authenticating layer, the answer is still 500.
impl<S: Sync> OptionalFromRequestParts<S> for Identity {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Refusal> {
        match AuthState::used(&parts.extensions) {
            Ok(AuthState::Known(identity)) => Ok(Some(identity)),
            Ok(AuthState::Anonymous | AuthState::Unknown) => Ok(None),
            Err(misconfigured) => {
                Events::of(&parts.extensions).misconfigured(misconfigured);
                Err(Refusal::new(misconfigured, parts))
            }
        }
    }
}
