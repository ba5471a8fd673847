//! Responses with a collected body.

use std::fmt;

use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Extensions, HeaderMap, Response, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tower_auth_core::Rejection;

/// A response with its body collected.
#[derive(Clone)]
pub struct TestResponse {
    head: http::response::Parts,
    body: Bytes,
    trailers: Option<HeaderMap>,
}

impl TestResponse {
    pub(super) async fn collect<B: Body<Error: fmt::Debug>>(response: Response<B>) -> Self {
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("the body failed");
        let trailers = body.trailers().cloned();
        Self { head, body: body.to_bytes(), trailers }
    }

    /// Returns the status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns all headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the first header with this name, if its value is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// Returns the values of the `Set-Cookie` lines, in order.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers().get_all(SET_COOKIE).iter();
        lines.filter_map(|line| line.to_str().ok()).collect()
    }

    /// Returns the trailers, if there are any.
    #[must_use]
    pub const fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// Returns the gRPC status code, from the trailers or, without a body, from the headers.
    #[must_use]
    pub fn grpc_status(&self) -> Option<u8> {
        let of = |headers: &HeaderMap| headers.get("grpc-status")?.to_str().ok()?.parse().ok();
        self.trailers().and_then(of).or_else(|| of(self.headers()))
    }

    /// Returns the extensions that layers left on the response.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        &self.head.extensions
    }

    /// Returns the reason for which a layer of tower-auth refused the request, if one did.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        self.extensions().get()
    }

    /// Returns the body.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as text. Bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Deserializes the body from JSON.
    ///
    /// # Panics
    /// Panics if the body is not JSON, or does not fit the type.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}, {}: {}", self.status(), self.text()))
    }
}

impl fmt::Debug for TestResponse {
    /// Shows status and body, which explain most failed assertions.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TestResponse");
        debug.field("status", &self.status()).field("text", &self.text()).finish_non_exhaustive()
    }
}
