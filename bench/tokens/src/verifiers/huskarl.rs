//! huskarl-resource-server, called by a service written for this comparison, since the crate has no
//! layer.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::Full;
use huskarl_resource_server::core::Error;
use huskarl_resource_server::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl_resource_server::core::platform::MaybeSendBoxFuture;
use huskarl_resource_server::validator::rfc9068::Rfc9068Validator;
use tower::service_fn;
use tower_auth::bearer::Algorithm;

use super::Prepared;
use crate::Issued;
use crate::call::{Request, inner, now, served};
use crate::issued::{AUDIENCE, ISSUER};

/// A client that answers every request with the key set, so nothing has to be fetched.
struct Published(Bytes);

impl HttpClient for Published {
    fn execute(
        &self,
        _: http::Request<Bytes>,
        _: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, Error>> {
        let (status, headers, body) = (StatusCode::OK, HeaderMap::new(), self.0.clone());
        Box::pin(async move { Ok(HttpResponse { status, headers, body }) })
    }
}

pub(super) fn prepare(issued: &Issued) -> Prepared {
    if issued.algorithm() == Algorithm::HS256 {
        return Err("its source of keys takes public keys only".into());
    }
    let validator = Rfc9068Validator::builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .jwks_uri(format!("{ISSUER}/keys").parse()?)
        .jwks_source(Published(issued.jwks.clone().into()))
        .build();
    let validator = now(validator)?;
    let metadata = validator.validator_metadata(None);
    let parts = Arc::new((validator, metadata));
    Ok(served(service_fn(move |mut request: Request| {
        let parts = Arc::clone(&parts);
        async move {
            let (validator, metadata) = &*parts;
            let (headers, method, uri) = (request.headers(), request.method(), request.uri());
            let result = validator.validate_request(headers, method, uri, None).await;
            if let Some(rejection) = result.rejection(metadata, None) {
                let refusal = rejection.apply(http::Response::builder());
                return Ok(refusal.body(Full::<Bytes>::default()).expect("valid headers"));
            }
            request.extensions_mut().insert(Arc::new(result.outcome));
            inner(request).await
        }
    })))
}
