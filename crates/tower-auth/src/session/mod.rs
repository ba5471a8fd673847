//! Sessions on the server.
//!
//! [`SessionLayer`] reads the session's credential, loads the record once if there is one, and puts
//! two things into the request: a [`Session`] to read and write, and the
//! [`Identity`](crate::Identity) that it proves. What the handler changed is saved when the
//! response's head is ready, and only then does the cookie leave.
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
//! Settings are checked together when the layer is built:
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
//! # Ok::<_, tower_auth::session::ConfigError>(())
//! ```
//!
//! Without a store the client can keep the whole session, encrypted: [`SessionLayer::in_cookie`] says
//! what that cannot promise.
//!
//! # What it promises, with a store
//!
//! - Two requests that change one session at once lose nothing: changes are applied again to what
//!   the other saved. Exact counters: [`Session::update`].
//! - A logout wins over every write in flight, on every node.
//! - A login renews the secret; whatever was read under the old one cannot be written any more.
//! - A store that does not answer is not "logged out": public routes go on, guarded ones answer
//!   503, nothing is overwritten and no cookie is taken away.
//! - [`Sessions`] lists a user's sessions and ends them; on every node the next request is nobody's.
//! - Nothing is stored for, and nothing is sent to, the visitor for whom nothing was written.

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

pub use builder::Builder;

/// The name of the session's cookie, unless a setting says otherwise.
pub const DEFAULT_COOKIE: &str = crate::jar::names::SESSION;
/// The same with [`cookie_domain`](Builder::cookie_domain) or [`cookie_path`](Builder::cookie_path),
/// which rule the prefix `__Host-` out.
pub const DEFAULT_COOKIE_SHARED: &str = "__Secure-session";
/// The same with [`insecure_allow_plain_http`](crate::Settings::insecure_allow_plain_http), which
/// rules every prefix out.
pub const DEFAULT_COOKIE_INSECURE: &str = crate::jar::names::SESSION_INSECURE;

pub use error::{ConfigError, SessionError};
pub use handles::{Listed, Session, Sessions};
pub use layer::{SessionLayer, SessionService};
pub(crate) use state::lazy::Slot;

pub(crate) use config::Config;
use tower_auth_core::Wiring;

use crate::request::Context;
#[cfg(feature = "csrf")]
use crate::request::Mark;

/// A CSRF layer outside must bind its tokens to this session's cookie, and be able to verify it: a
/// session that it cannot verify would bind nothing.
fn misplaced(config: &Config, context: &Context) -> Option<Wiring> {
    #[cfg(feature = "csrf")]
    if context.is_marked(Mark::Csrf) {
        return context
            .with_csrf(|csrf| config.carrier.csrf_problem(csrf))
            .map(|problem| Wiring { layer: "SessionLayer", problem });
    }
    let _ = (config, context);
    None
}
