//! The answers of a provider's server.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};

use super::state::State;

/// The answer to requests for one path.
#[derive(Clone, Debug)]
pub struct Answer(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Document,
    Keys,
    Status(StatusCode),
    Body(Bytes),
    Huge(usize),
    Redirect(HeaderValue),
    Disconnect,
}

impl Answer {
    /// The discovery document.
    #[must_use]
    pub const fn document() -> Self {
        Self(Kind::Document)
    }

    /// The key set.
    #[must_use]
    pub const fn keys() -> Self {
        Self(Kind::Keys)
    }

    /// This status, without a body.
    ///
    /// # Panics
    /// Panics if `status` is not between 200 and 999.
    #[must_use]
    pub fn status(status: u16) -> Self {
        assert!(status >= 200, "the status of an answer is at least 200");
        Self(Kind::Status(StatusCode::from_u16(status).expect("a status has three digits")))
    }

    /// 200 with this body.
    #[must_use]
    pub fn body(body: impl Into<Bytes>) -> Self {
        Self(Kind::Body(body.into()))
    }

    /// 200 with this number of spaces, in chunks without a `Content-Length`. The server sends what
    /// the client reads.
    #[must_use]
    pub const fn huge(bytes: usize) -> Self {
        Self(Kind::Huge(bytes))
    }

    /// 302 to this address.
    ///
    /// # Panics
    /// Panics if `location` cannot be sent in a header.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self(Kind::Redirect(location.try_into().expect("an address")))
    }

    /// Closes the connection without an answer.
    #[must_use]
    pub const fn disconnect() -> Self {
        Self(Kind::Disconnect)
    }

    /// Returns the response and the number of bytes of a huge body; `None` closes the connection.
    pub(super) fn respond(&self, state: &State) -> Option<(Response<Bytes>, usize)> {
        let json = |text: String| {
            let mut response = Response::new(Bytes::from(text));
            let value = HeaderValue::from_static("application/json");
            response.headers_mut().insert(CONTENT_TYPE, value);
            response
        };
        let mut response = Response::new(Bytes::new());
        match &self.0 {
            Kind::Document => response = json(state.document()),
            Kind::Keys => response = json(state.jwks()),
            Kind::Status(status) => *response.status_mut() = *status,
            Kind::Body(body) => *response.body_mut() = body.clone(),
            Kind::Huge(bytes) => return Some((response, *bytes)),
            Kind::Redirect(location) => {
                *response.status_mut() = StatusCode::FOUND;
                response.headers_mut().insert(LOCATION, location.clone());
            }
            Kind::Disconnect => return None,
        }
        Some((response, 0))
    }
}
