//! Starts the server: `mcp-server [ADDRESS [ISSUER]]`.

use std::error::Error;

use mcp_server::ADDRESS;
use tower_auth::bearer::{Algorithm, TrustedIssuer};
use tower_auth_oidc::Provider;

/// The provider of the README's lines. Its key signed the tokens beside this program, and was deleted.
const EXAMPLE: &str = "https://id.example";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:3007".into());
    let issuer = args.next();

    let resource = mcp_server::resource(ADDRESS, issuer.as_deref().unwrap_or(EXAMPLE))?;
    let trusted = match issuer {
        // Fetches the provider's keys, and keeps them current.
        Some(issuer) => Provider::discover(issuer).await?.issuer(resource.identifier()),
        None => TrustedIssuer::for_resource(EXAMPLE, &resource)
            .algorithms([Algorithm::ES256])
            .jwk_set(include_str!("../jwks.json")),
    };
    let app = mcp_server::app(&resource, trusted)?;

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
