//! The JWK set that an issuer publishes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tower_service::Service;

use super::signer::Signer;

pub(super) fn document(signers: &[Signer]) -> Bytes {
    let keys: Vec<&Value> = signers.iter().filter_map(Signer::jwk).collect();
    json!({ "keys": keys }).to_string().into()
}

/// A service that answers GET and HEAD with the JWK set.
/// [`JwtIssuer::jwks_service`](super::JwtIssuer::jwks_service) creates it.
///
/// Caches may keep the answer for five minutes, so publish a new key at least five minutes before
/// it signs.
#[derive(Clone, Debug)]
#[must_use = "services do nothing unless they are called"]
pub struct JwksService(Bytes);

impl JwksService {
    pub(super) fn new(document: Bytes) -> Self {
        Self(document)
    }

    fn answer(&self, method: &Method) -> Response<Full<Bytes>> {
        let is_head = method == Method::HEAD;
        if method != Method::GET && !is_head {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let body = if is_head { Bytes::new() } else { self.0.clone() };
        let mut response = Response::new(Full::new(body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(self.0.len()));
        response
    }
}

impl<B> Service<Request<B>> for JwksService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(self.answer(request.method())))
    }
}
