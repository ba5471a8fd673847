//! Sessions on the server.
//!
//! [`SessionLayer`] reads the session's credential from the request. If there is a credential, the
//! layer loads its record, once. The layer adds two values to the request: a [`Session`] to read
//! and write, and, if a user is logged in, the user's [`Identity`](crate::Identity). When the
//! response's head is ready, the layer saves the handler's changes, and only then sends the cookie.
//!
//! ```
//! use axum::{Router, routing::get};
//! use tower_auth::{Clock, KeyRing, MemoryStore, Session, SessionLayer};
//! # use tower_auth::session::SessionError;
//!
//! async fn count(session: Session) -> Result<String, SessionError> {
//!     session.update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1)?;
//!     Ok(format!("{} visits", session.get::<u32>("visits")?.unwrap_or(0)))
//! }
//!
//! let keys = KeyRing::random();
//! let app: Router = Router::new()
//!     .route("/", get(count))
//!     .layer(SessionLayer::new(MemoryStore::new(Clock::system()), &keys));
//! ```
//!
//! [`build`](SessionLayerBuilder::build) checks all settings together:
//!
//! ```
//! use std::time::Duration;
//! use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer, Settings, refuse::Problem};
//!
//! let keys = KeyRing::random();
//! let layer = SessionLayer::builder(MemoryStore::new(Clock::system()), &keys)
//!     .idle_timeout(Duration::from_secs(15 * 60))
//!     .absolute_timeout(Duration::from_secs(12 * 60 * 60))
//!     .settings(&Settings::new().issuer("https://shop.example"))
//!     .skip(|parts| parts.uri.path().starts_with("/static/"))
//!     .refuse_with(Problem)
//!     .build()?;
//! # Ok::<_, tower_auth::session::SessionConfigError>(())
//! ```
//!
//! Encrypted cookies can hold the whole session, without a store. [`SessionLayer::in_cookie`] lists
//! the guarantees that such sessions lack.
//!
//! # Guarantees, with a store
//!
//! - If two requests change one session at once, both changes are kept: the layer applies the
//!   changes of the slower request again, to the record that the other has saved. If both insert a
//!   value under the same key, the later save wins; [`Session::update`] applies both.
//! - A logout wins over every write in flight, on every node.
//! - A login renews the secret. Changes that are based on a read under the old secret are refused.
//! - If the store does not answer, no user is logged out: public routes continue, and guarded
//!   routes answer 503. The layer overwrites no record and removes no cookie.
//! - [`Sessions`] lists and ends a user's sessions. The next request of an ended session is
//!   anonymous, on every node.
//! - A visitor whose session is never written gets no record and no cookie.

#[cfg(feature = "axum")]
mod axum;
mod builder;
mod config;
mod constructors;
mod cookie_settings;
mod error;
mod flow;
mod guard;
mod handles;
mod in_use;
mod layer;
mod load;
mod record;
mod save;
mod save_or_touch;
mod state;
#[cfg(test)]
mod tests;
mod transport;
mod writer_lock;

pub use builder::SessionLayerBuilder;

/// The default name of the session's cookie.
pub const DEFAULT_COOKIE: &str = crate::jar::names::SESSION;
/// The default name with [`cookie_domain`](SessionLayerBuilder::cookie_domain) or
/// [`cookie_path`](SessionLayerBuilder::cookie_path). Browsers refuse the prefix `__Host-` with
/// either.
pub const DEFAULT_COOKIE_SHARED: &str = "__Secure-session";
/// The default name with [`insecure_allow_plain_http`](crate::Settings::insecure_allow_plain_http),
/// since browsers refuse the prefixes over plain HTTP.
pub const DEFAULT_COOKIE_INSECURE: &str = crate::jar::names::SESSION_INSECURE;

pub use error::{SessionConfigError, SessionError};
pub use handles::{Session, SessionId, SessionInfo, Sessions};
pub use layer::{SessionLayer, SessionService};
pub(crate) use state::lazy::LazySession;

pub(crate) use config::Config;
use tower_auth_core::Misconfigured;

use crate::request::Context;
#[cfg(feature = "csrf")]
use crate::request::LayerFlag;

/// Returns a misconfiguration if an outer CSRF layer cannot verify this session's cookie and bind
/// its tokens to it.
fn misplaced(config: &Config, context: &Context) -> Option<Misconfigured> {
    #[cfg(feature = "csrf")]
    if context.is_marked(LayerFlag::Csrf) {
        return context
            .with_csrf(|csrf| config.transport.csrf_problem(csrf))
            .map(|problem| Misconfigured { layer: "SessionLayer", problem });
    }
    let _ = (config, context);
    None
}
