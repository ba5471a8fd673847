//! An axum application that accepts the access tokens of a provider, with the provider's keys given
//! as text.

use axum::Router;
use axum::routing::get;
use tower_auth::bearer::Algorithm;
use tower_auth::{BearerJwtLayer, Identity, RequireLayer};

async fn me(identity: Identity) -> String {
    format!("{} via {}\n", identity.subject(), identity.method().as_str())
}

async fn notes() -> &'static str {
    "buy milk\n"
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = include_str!("../jwks.json"); // what the provider publishes at its `jwks_uri`
    let tokens = BearerJwtLayer::builder("https://id.example", "https://api.example")
        .algorithms([Algorithm::ES256])
        .jwk_set(keys)
        .build()?;
    let app = Router::new()
        .route("/notes", get(notes))
        .layer(RequireLayer::builder().scope("notes:read").build()?)
        .route("/me", get(me))
        .layer(tokens);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3003".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
