//! A response, whole.

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

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.head.status
    }

    /// All headers.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The first header of that name, where it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The `Set-Cookie` lines, in order.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<&str> {
        let lines = self.headers().get_all(SET_COOKIE).iter();
        lines.filter_map(|line| line.to_str().ok()).collect()
    }

    /// The headers after the body, where there are some.
    #[must_use]
    pub const fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// gRPC's status code, from the trailers or, where there is no body, from the headers.
    #[must_use]
    pub fn grpc_status(&self) -> Option<u8> {
        let of = |headers: &HeaderMap| headers.get("grpc-status")?.to_str().ok()?.parse().ok();
        self.trailers().and_then(of).or_else(|| of(self.headers()))
    }

    /// What layers left beside the response.
    #[must_use]
    pub const fn extensions(&self) -> &Extensions {
        &self.head.extensions
    }

    /// Why a layer of tower-auth refused the request, where one did.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        self.extensions().get()
    }

    /// The body.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body as text; what is not UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body read as JSON.
    ///
    /// # Panics
    /// Where it is not, or does not fit the type.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}, {}: {}", self.status(), self.text()))
    }
}

impl fmt::Debug for TestResponse {
    /// Status and body: what a failed assertion wants to show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TestResponse");
        debug.field("status", &self.status()).field("text", &self.text()).finish_non_exhaustive()
    }
}
