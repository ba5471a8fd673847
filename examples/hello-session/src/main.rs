//! The program in the project's README.

use axum::Router;
use axum::routing::{get, post};
use tower_auth::session::SessionError;
use tower_auth::{AuthStack, Clock, Identity, KeyRing, MemoryStore, Session};

/// 401 with a challenge if nobody is logged in, 503 if the store cannot be asked.
async fn me(identity: Identity) -> String {
    format!("{} via {}\n", identity.subject(), identity.method().as_str())
}

/// Verify a password first; the showcase does, with Argon2.
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
    let keys = KeyRing::random(); // KeyRing::from_file("keys") keeps them over a restart
    let store = MemoryStore::new(Clock::system());

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
