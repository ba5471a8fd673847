//! jsonwebtoken, called by an application's own middleware.

use std::sync::Arc;

use http::StatusCode;
use http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, jwk::JwkSet};
use tower::service_fn;

use super::{Claims, Prepared};
use crate::Issued;
use crate::call::{Request, Response, inner, served};
use crate::issued::{AUDIENCE, ISSUER};

pub(super) fn prepare(issued: &Issued) -> Prepared {
    let keys: JwkSet = serde_json::from_str(&issued.jwks)?;
    let key = DecodingKey::from_jwk(keys.keys.first().ok_or("a set without a key")?)?;
    let mut validation = Validation::new(issued.name.parse::<Algorithm>()?);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.validate_nbf = true;
    let rules = Arc::new((key, validation));
    Ok(served(service_fn(move |mut request: Request| {
        let rules = Arc::clone(&rules);
        async move {
            let Some(claims) = claims(&request, &rules.0, &rules.1) else {
                let mut refusal = Response::default();
                *refusal.status_mut() = StatusCode::UNAUTHORIZED;
                return Ok(refusal);
            };
            request.extensions_mut().insert(claims);
            inner(request).await
        }
    })))
}

fn claims(request: &Request, key: &DecodingKey, validation: &Validation) -> Option<Claims> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let token = header.strip_prefix("Bearer ")?;
    Some(decode(token, key, validation).ok()?.claims)
}
