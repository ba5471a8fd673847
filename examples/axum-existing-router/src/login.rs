//! The only new route: the login.

use argon2::Argon2;
use argon2::password_hash::PasswordVerifier;
use argon2::password_hash::phc::PasswordHash;
use axum::Form;
use axum::http::StatusCode;
use serde::Deserialize;
use tower_auth::session::SessionError;
use tower_auth::{Identity, Session};

/// The hash of `open sesame`. A real application stores the hashes in a database.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$9UfOV4OhyeMXN8GrgYeGeg$vItFCvJP7bG23aMK03A8NeDrvzpCbTGElplpfCQ4jOk";

#[derive(Deserialize)]
pub(crate) struct Password {
    password: String,
}

pub(crate) async fn log_in(
    session: Session,
    Form(form): Form<Password>,
) -> Result<StatusCode, SessionError> {
    // Hashing is slow on purpose, so it must not block a thread that serves other requests.
    let is_right = tokio::task::spawn_blocking(move || is_right(&form.password));
    if !is_right.await.unwrap_or(false) {
        return Ok(StatusCode::UNAUTHORIZED);
    }
    session.login(Identity::local("ali").build())?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_right(password: &str) -> bool {
    PasswordHash::new(HASH)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
