//! Combines the layers in one expression; a wrong order does not compile.
//!
//! The shared settings come first, then the layers, the outermost first. The result is an ordinary
//! [`Layer`](tower_layer::Layer) for a router, a route, a `ServiceBuilder` or tonic's server:
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
//! # Ok::<_, tower_auth::stack::StackConfigError>(())
//! ```
//!
//! A stack of all layers, each with its own settings. The closures get the layers' own builders,
//! which already have the shared settings:
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
//! // Handlers start families of refresh tokens with it, so it is built before the stack.
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
//! # Guarantees
//!
//! - **A wrong order does not compile**, and the compiler's message names the fix. Examples are
//!   `.require` without a layer that authenticates, a session without `.csrf`, a layer that occurs
//!   twice, and a shared setting after the first layer. The [manual](crate::manual::order) explains
//!   the order.
//! - **The settings of the layers fit together.** CSRF tokens are bound to the cookies of the
//!   session and of the refresh token, under any names. `.csrf` counts only these cookies as
//!   credentials, unless the stack has a layer of another crate. A user's sessions, refresh tokens
//!   and access tokens have one principal; otherwise [`build`](AuthStackBuilder::build) fails. All
//!   layers read clones of the same clock.
//! - **The stack adds no work** to a request: it nests the layers as you would by hand. You may
//!   wrap only some routes in a stack, and may wrap a stack in a retry layer. A stack that is
//!   nested in itself answers 500, as each of its layers does.
//!
//! Combine the layers by hand, in a `ServiceBuilder` or a router, if the layers wrap different
//! routes, or if your own layer chooses between them. Most mistakes then show at the first request
//! that they affect, which gets a 500. A session layer without a CSRF layer is not detected.

#![cfg_attr(
    not(feature = "full"),
    allow(unreachable_pub, reason = "which setters name these traits depends on the features")
)]

mod builder;
mod chain;
mod error;
mod layer;
mod layers;
mod order;
mod pending;
mod pending_layer;
mod shared_facts;
mod state;
#[cfg(all(test, feature = "full"))]
mod tests;

pub use builder::AuthStackBuilder;
pub use error::StackConfigError;
pub use layer::AuthStack;
