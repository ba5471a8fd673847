//! The JWK set that an issuer publishes.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::{Value, json};
use tower_service::Service;

use super::signer::Signer;
use crate::document;

pub(super) fn jwk_set(signers: &[Signer]) -> Bytes {
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
}

impl<B> Service<Request<B>> for JwksService {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        ready(Ok(document::answer(request.method(), &self.0, "application/jwk-set+json")))
    }
}
