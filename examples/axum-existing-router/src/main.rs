//! An existing router, and the layers that restrict it to logged-in users.

#![allow(clippy::disallowed_methods, reason = "an application uses the clock and spawns tasks")]

mod finished;
mod login;

use axum::Router;
use axum::routing::post;
use tower::ServiceBuilder;
use tower_auth::{Clock, CookieLayer, CsrfLayer, KeyRing, MemoryStore, RequireLayer, SessionLayer};

/// A name of its own, because other applications on this host have cookies too.
const SESSION: &str = "__Host-notes-session";

fn app() -> Result<Router, Box<dyn std::error::Error>> {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let layers = ServiceBuilder::new()
        .layer(CookieLayer::new())
        .layer(CsrfLayer::builder(&keys).session_cookie(SESSION).build()?)
        .layer(SessionLayer::builder(store, &keys).cookie_name(SESSION).build()?);
    let guarded = finished::router().layer(RequireLayer::new());
    Ok(guarded.route("/login", post(login::log_in)).layer(layers))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3001".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app()?).await?)
}
