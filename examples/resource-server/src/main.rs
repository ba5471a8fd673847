//! An axum application that accepts the access tokens of a provider, whose keys it discovers and
//! keeps current.

#![allow(clippy::disallowed_methods, reason = "an application spawns tasks")]

mod provider;

use axum::Router;
use axum::routing::get;
use tower_auth::{BearerJwtLayer, Identity, RequireLayer};
use tower_auth_oidc::Provider;

async fn me(identity: Identity) -> String {
    format!("{} via {}\n", identity.subject(), identity.method().as_str())
}

async fn notes() -> &'static str {
    "buy milk\n"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3003".into());
    let issuer = match arguments.next() {
        Some(issuer) => issuer,
        None => {
            let (issuer, token) = provider::start("https://api.example").await?;
            println!("export TOKEN={token}");
            issuer
        }
    };

    let provider = Provider::discover(issuer).await?; // such as "https://id.example"
    let tokens = BearerJwtLayer::any([provider.issuer("https://api.example")]).build()?;
    let app = Router::new()
        .route("/notes", get(notes))
        .layer(RequireLayer::builder().scope("notes:read").build()?)
        .route("/me", get(me))
        .layer(tokens);

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
