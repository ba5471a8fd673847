//! The layers in one expression, in an order that compiles only if it is right.
//!
//! What all layers share is said once, and first; then come the layers, the outermost first; at
//! the end there is an ordinary [`Layer`](tower_layer::Layer), for a router, a route, a
//! `ServiceBuilder` or tonic's server:
//!
//! ```
//! use axum::{Router, routing::get};
//! use tower_auth::{AuthStack, Clock, Identity, KeyRing, MemoryStore};
//!
//! async fn me(identity: Identity) -> String {
//!     identity.subject().to_owned()
//! }
//!
//! let keys = KeyRing::random();
//! let store = MemoryStore::new(Clock::system());
//! let app: Router = Router::new()
//!     .route("/me", get(me))
//!     .layer(AuthStack::new(&keys).cookies().csrf().session(store).build()?);
//! # Ok::<_, tower_auth::stack::ConfigError>(())
//! ```
//!
//! Everything, each layer with settings of its own: the closures get the layers' own builders, in
//! which the shared settings are already:
//!
//! ```
//! use std::time::Duration;
//!
//! use axum::{Router, routing::get};
//! use tower_auth::refuse::Problem;
//! use tower_auth::{AuthStack, Clock, JwtIssuer, KeyRing, MemoryStore, Refresh, Settings};
//!
//! let keys = KeyRing::random();
//! let clock = Clock::system();
//! let store = MemoryStore::new(clock.clone());
//! let settings = Settings::new().issuer("https://app.example").realm("app").clock(clock);
//! let issuer = JwtIssuer::builder("https://app.example", "https://app.example")
//!     .settings(&settings)
//!     .generated_key("2026-11")
//!     .build()?;
//! // Handlers begin families of refresh tokens with it, so it is built before.
//! let refresh = Refresh::builder(store.clone(), &keys, issuer.clone())
//!     .settings(&settings)
//!     .build()?;
//!
//! let stack = AuthStack::new(&keys)
//!     .settings(&settings)
//!     .public_origin("https://app.example")
//!     .refuse_with(Problem)
//!     .cookies()
//!     .csrf_with(|csrf| csrf.exempt("/webhook").require_token())
//!     .refresh_with(refresh, |refresh| refresh.refresh_path("/token"))
//!     .session_with(store, |session| session.idle_timeout(Duration::from_secs(15 * 60)))
//!     .bearer_of(&issuer)
//!     .require_with(|require| require.role("admin"))
//!     .build()?;
//! assert_eq!(
//!     format!("{stack:?}"),
//!     r#"AuthStack ["CookieLayer", "CsrfLayer", "RefreshLayer", "SessionLayer", "BearerJwtLayer", "RequireLayer"]"#
//! );
//! let app: Router = Router::new().route("/admin", get(async || "hello")).layer(stack);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//!
//! - **A wrong order does not compile**, and the compiler says what to do: `.require` where nothing
//!   proves an identity, a session that `.csrf` does not guard, a layer that comes twice, a shared
//!   setting after a layer was made without it. The
//!   [manual](crate::manual::order) says why the order is this one.
//! - **The layers know of each other.** CSRF tokens are bound to the session's cookie and to the
//!   refresh token's, whatever they are called; only these cookies make a request look like a
//!   browser's, unless a layer of somebody else's is among them; sessions, refresh tokens and
//!   access tokens of one user are one principal, or [`build`](Builder::build) says why not. All
//!   layers read clones of one clock.
//! - **It adds nothing of its own** to a request: the built stack is the layers, nested as by hand.
//!   It may be put around some routes, and a retry may go around it. Around itself it is answered
//!   500, as each of its layers is.
//!
//! By hand the same layers go together in a `ServiceBuilder` or a router: where a layer stands around
//! some routes only, or one of yours decides which of ours runs. A mistake is then found by the first
//! request that meets it, and answered 500.

#![cfg_attr(
    not(feature = "full"),
    allow(unreachable_pub, reason = "which setters name these traits depends on the features")
)]

mod builder;
mod chain;
mod error;
mod facts;
mod layer;
mod layers;
mod order;
mod part;
mod rooms;
mod state;
#[cfg(all(test, feature = "full"))]
mod tests;

pub use builder::Builder;
pub use error::ConfigError;
pub use layer::AuthStack;
