//! jwt-authorizer. Its refusals have axum's body, so the inner service has it too.

use axum_core_04::body::Body;
use jwt_authorizer::{IntoLayer as _, JwtAuthorizer, Validation};
use tower::{Layer as _, service_fn};

use super::{Claims, Prepared};
use crate::Issued;
use crate::call::{inner, now, served};
use crate::issued::{AUDIENCE, ISSUER};

pub(super) fn prepare(issued: &Issued) -> Prepared {
    let rules = Validation::new().iss(&[ISSUER]).aud(&[AUDIENCE]).nbf(true);
    let authorizer = JwtAuthorizer::<Claims>::from_jwks_text(&issued.jwks).validation(rules);
    let layer = now(authorizer.build())?.into_layer();
    Ok(served(layer.layer(service_fn(inner::<Body>))))
}
