//! oauth-resource-server.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use oauth_resource_server::http_layer::HttpAuthLayer;
use oauth_resource_server::{KeyNaming, OAuthConfig, OAuthValidator};
use tower::{Layer as _, service_fn};

use super::Prepared;
use crate::Issued;
use crate::call::{inner, served};
use crate::issued::{AUDIENCE, ISSUER};

pub(super) fn prepare(issued: &Issued) -> Prepared {
    let config = OAuthConfig {
        enabled: true,
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        resource: AUDIENCE.to_owned(),
        algorithms: vec![issued.name.clone()],
        allow_unscoped_tokens: true,
        ..OAuthConfig::default()
    };
    let config = config.resolve(KeyNaming::Dotted("oauth"))?.ok_or("OAuth is not enabled")?;
    let validator = OAuthValidator::builder(&config).initial_jwks(&issued.jwks).build()?;
    let layer = HttpAuthLayer::builder().oauth(Arc::new(validator)).build()?;
    Ok(served(layer.layer(service_fn(inner::<Full<Bytes>>))))
}
