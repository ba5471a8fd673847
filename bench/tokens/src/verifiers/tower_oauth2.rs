//! tower-oauth2-resource-server.

use bytes::Bytes;
use http_body_util::Full;
use tower::{Layer as _, service_fn};
use tower_oauth2_resource_server::server::OAuth2ResourceServer;
use tower_oauth2_resource_server::tenant::TenantConfiguration;
use tower_oauth2_resource_server::validation::ClaimsValidationSpec;

use super::{Claims, Prepared};
use crate::Issued;
use crate::call::{inner, now, served};
use crate::issued::{AUDIENCE, ISSUER};

pub(super) fn prepare(issued: &Issued) -> Prepared {
    let rules = ClaimsValidationSpec::recommended(ISSUER, &vec![AUDIENCE.to_owned()]);
    let tenant = TenantConfiguration::static_builder(&issued.jwks)
        .claims_validation(rules)
        .allowed_algorithms(&[issued.name.parse()?])
        .build()?;
    let server = OAuth2ResourceServer::<Claims>::builder().add_tenant(tenant);
    let layer = now(server.build())?.into_layer::<Full<Bytes>>();
    Ok(served(layer.layer(service_fn(inner::<Full<Bytes>>))))
}
