//! Sessions in an axum application, stored in SQLite: the first program in the project's README.

use axum::Router;
use axum::routing::{get, post};
use tower_auth::session::SessionError;
use tower_auth::{AuthStack, Clock, Identity, KeyRing, Session};
use tower_auth_sqlx::SqliteStore;

/// An anonymous caller gets a 401 with a challenge. If the store does not respond, the caller gets
/// a 503.
async fn me(identity: Identity) -> String {
    format!("{} via {}\n", identity.subject(), identity.method().as_str())
}

/// A real application verifies a password first, as the showcase does with Argon2.
async fn log_in(session: Session) -> Result<&'static str, SessionError> {
    session.login(Identity::local("alice").role("user").build())?;
    Ok("welcome\n")
}

async fn log_out(session: Session) -> Result<&'static str, SessionError> {
    session.logout().await?;
    Ok("goodbye\n")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = std::env::args().nth(2).unwrap_or_else(|| "sessions.db".into());

    let keys = KeyRing::random(); // KeyRing::from_file("keys") keeps sessions valid over a restart
    let store = SqliteStore::open(database, Clock::system()).await?;
    let app = Router::new()
        .route("/me", get(me))
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .layer(AuthStack::new(&keys).cookies().csrf().session(store).build()?);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3002".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
