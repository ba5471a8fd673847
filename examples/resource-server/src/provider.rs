//! A provider in this process, so that the example runs without another server.

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tower_auth::{Identity, JwtIssuer};

/// Starts a provider on loopback. Returns its issuer, and a token of alice for `audience`.
pub(crate) async fn start(audience: &str) -> Result<(String, String), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let tokens = JwtIssuer::builder(&issuer, audience)
        .generated_key("1")
        .lifetime(Duration::from_secs(3600))
        .build()?;
    let document = format!(r#"{{"issuer":"{issuer}","jwks_uri":"{issuer}/keys"}}"#);
    let discovery = async move || ([(CONTENT_TYPE, "application/json")], document);
    let app = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route_service("/keys", tokens.jwks_service());
    tokio::spawn(async { axum::serve(listener, app).await });

    let alice = Identity::local("alice").scope("notes:read").build();
    Ok((issuer, tokens.mint(&alice)?.text))
}
