//! The service that answers with the document.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use tower_service::Service;

use crate::document;

/// A service that answers GET and HEAD with the metadata document.
/// [`ProtectedResource::service`](super::ProtectedResource::service) creates it.
///
/// The document is public: caches may keep it for five minutes, and scripts of every origin can read
/// it. The service also answers a CORS preflight, because MCP clients in browsers send a header of
/// their own. Every other method gets 405.
#[derive(Clone, Debug)]
#[must_use = "services do nothing unless they are called"]
pub struct MetadataService(Bytes);

const ANY: HeaderValue = HeaderValue::from_static("*");

impl MetadataService {
    pub(super) fn new(document: Bytes) -> Self {
        Self(document)
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let is_preflight = request.method() == Method::OPTIONS
            && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        let mut response = if is_preflight {
            preflight()
        } else {
            document::answer(request.method(), &self.0, "application/json")
        };
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
        response
    }
}

fn preflight() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ANY);
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("300"));
    response
}

impl<B> Service<Request<B>> for MetadataService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(&request)))
    }
}
