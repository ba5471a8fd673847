//! The layers, combined by hand with layers of other crates. The README explains the order.

use std::error::Error;
use std::future::pending;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderValue, Method, Response, StatusCode};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_auth::session::SessionError;
use tower_auth::{
    Clock, CookieLayer, CsrfLayer, Identity, KeyRing, MemoryStore, Rejection, RequireLayer,
    Session, SessionLayer,
};
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::sensitive_headers::SetSensitiveRequestHeadersLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

/// The origin whose pages call this API. It belongs to the same site.
const SHOP: &str = "https://www.shop.example";

async fn basket(identity: Identity, session: Session) -> Result<String, SessionError> {
    let things = session.get::<u32>("things")?.unwrap_or(0);
    Ok(format!("{}, in your basket there are {things} things.\n", identity.subject()))
}

async fn add(session: Session) -> Result<&'static str, SessionError> {
    session.update("things", |things: Option<u32>| things.unwrap_or(0) + 1)?;
    Ok("added\n")
}

/// Adds a thing, and never responds.
async fn stall(session: Session) -> Result<&'static str, SessionError> {
    add(session).await?;
    pending().await
}

/// A real application verifies a password first, as the showcase does with Argon2.
async fn log_in(session: Session) -> Result<&'static str, SessionError> {
    session.login(Identity::local("alice").build())?;
    Ok("welcome\n")
}

/// Logs the status and the reason of a refusal, as a metric or a log would.
fn note<B>(response: &Response<B>, took: Duration, _: &Span) {
    let status = response.status().as_u16();
    let why = response.extensions().get::<Rejection>().map_or("", Rejection::code);
    // With a subscriber, use `tracing::info!(status, why, ?took)`.
    eprintln!("{status} {why} in {took:?}");
}

/// A name of its own, because other applications on this host have cookies too.
const SESSION: &str = "__Host-order-session";

fn app() -> Result<Router, Box<dyn Error>> {
    let keys = KeyRing::random();
    let store = MemoryStore::new(Clock::system());
    let cors = CorsLayer::new()
        .allow_origin(HeaderValue::from_static(SHOP))
        .allow_credentials(true)
        .allow_methods([Method::POST])
        .allow_headers([CONTENT_TYPE]);
    let layers = ServiceBuilder::new()
        .layer(SetSensitiveRequestHeadersLayer::new([COOKIE, AUTHORIZATION]))
        .layer(TraceLayer::new_for_http().on_response(note))
        .layer(cors)
        .layer(CompressionLayer::new())
        .layer(CookieLayer::new())
        .layer(CsrfLayer::builder(&keys).trusted_origin(SHOP).session_cookie(SESSION).build()?)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_millis(500),
        ))
        .layer(SessionLayer::builder(store, &keys).cookie_name(SESSION).build()?);
    let members = Router::new()
        .route("/basket", get(basket).post(add))
        .route("/stall", post(stall))
        .route_layer(RequireLayer::new());
    Ok(members.route("/login", post(log_in)).layer(layers))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3004".into());
    let listener = TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app()?).await?;
    Ok(())
}
