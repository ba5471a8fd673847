//! Tower layers that put one authenticated [`Identity`] into the request's extensions. They work
//! with any hyper, axum or tonic service.
//!
//! | layer | effect on the handler | feature |
//! |---|---|---|
//! | [`CookieLayer`] | [`Cookies`]: read, set, remove; signed, encrypted, encoded | `cookie` |
//! | [`CsrfLayer`] | forged requests from other sites are refused; [`CsrfToken`] on demand | `csrf` |
//! | [`CsrfHeadersLayer`] | the same by headers alone, without tokens, keys or a cookie | `csrf` |
//! | [`RefreshLayer`] | none: it serves the refresh and revocation endpoints; [`Refresh`] issues the tokens | `refresh` |
//! | [`SessionLayer`] | [`Session`], and its [`Identity`] | `session` |
//! | [`BearerJwtLayer`] | the [`Identity`] in a signed access token; [`Claims<T>`](bearer::Claims) | `bearer`, `bearer-rust-crypto` |
//! | [`RequireLayer`] | only requests with an identity, a scope, a role, or a recent login | `require` |
//!
//! Each layer works alone and with the others; [`manual::order`] explains their order.
//! [`AuthStack`] (feature `stack`) combines them in one expression that compiles only in the right
//! order.
//!
//! [`ProtectedResource`] publishes an API's metadata document, from which clients learn where to get
//! tokens.
//!
//! No feature is on by default.
//!
//! - `axum` adds extractors, `tracing` adds events, and `tokio-timer` adds a timer for time limits.
//! - `bearer` verifies signatures with aws-lc, whose build needs a C compiler. `bearer-rust-crypto`
//!   is the same layer with signatures in pure Rust. If both are on, aws-lc is the default, and
//!   [`bearer::Backend`] selects the other.
//! - `jsonwebtoken-12` adds conversions from the key types of jsonwebtoken 12.
//! - `full` turns on all features except `bearer-rust-crypto` and `jsonwebtoken-12`.
//!
//! ```
//! # #[cfg(all(feature = "full"))] {
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
//!     .layer(AuthStack::new(&keys).cookies().csrf().session(store).require().build()?);
//! # }
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests run tasks and threads"))]
#![cfg_attr(
    not(feature = "full"),
    allow(
        dead_code,
        unused_imports,
        reason = "some layers do not use everything; with all layers, everything is used"
    )
)]

pub use tower_auth_core::{
    Actor, AnyTimer, AuthMethod, AuthState, Authentication, Clock, Dialect, Events, Identity,
    Misconfigured, Principal, Refuse, Rejection, RequiredScopes, Secret, Timer, Timestamp, event,
    refuse,
};

#[cfg(any(feature = "_bearer", feature = "csrf", feature = "session"))]
mod base64url;
#[cfg(all(feature = "_bearer", not(any(feature = "bearer", feature = "bearer-rust-crypto"))))]
compile_error!("`_bearer` has no signature library: turn on `bearer` or `bearer-rust-crypto`");

#[cfg(feature = "_bearer")]
pub mod bearer;
#[cfg(feature = "cookie")]
pub mod cookie;
#[cfg(feature = "keys")]
mod crypto;
#[cfg(feature = "csrf")]
pub mod csrf;
#[cfg(feature = "_bearer")]
mod document;
#[cfg(feature = "cookie")]
mod jar;
pub mod manual;
#[cfg(any(feature = "refresh", feature = "session"))]
mod principal;
#[cfg(feature = "refresh")]
pub mod refresh;
#[cfg(feature = "cookie")]
mod request;
#[cfg(all(feature = "require", not(feature = "cookie")))]
#[path = "request/absent.rs"]
mod request;
#[cfg(feature = "require")]
pub mod require;
#[cfg(feature = "_bearer")]
pub mod resource;
#[cfg(any(feature = "_bearer", feature = "require"))]
mod scope_token;
#[cfg(any(feature = "cookie", feature = "require"))]
mod service;
#[cfg(feature = "session")]
pub mod session;
mod settings;
#[cfg(any(feature = "refresh", feature = "session"))]
mod skew;
#[cfg(feature = "stack")]
pub mod stack;
#[cfg(any(feature = "near-cache", feature = "refresh", feature = "session"))]
pub mod store;
#[cfg(feature = "tokio-timer")]
mod timer;

#[cfg(feature = "_bearer")]
pub use bearer::{BearerJwtLayer, JwtIssuer};
#[cfg(feature = "cookie")]
pub use cookie::{CookieLayer, Cookies};
#[cfg(feature = "keys")]
pub use crypto::keys;
#[cfg(feature = "keys")]
pub use crypto::keys::KeyRing;
#[cfg(feature = "csrf")]
pub use csrf::{CsrfHeadersLayer, CsrfLayer, CsrfToken};
#[cfg(feature = "refresh")]
pub use refresh::{Refresh, RefreshLayer};
#[cfg(feature = "require")]
pub use require::RequireLayer;
#[cfg(feature = "_bearer")]
pub use resource::ProtectedResource;
#[cfg(feature = "session")]
pub use session::{Session, SessionLayer};
pub use settings::Settings;
#[cfg(feature = "stack")]
pub use stack::AuthStack;
#[cfg(feature = "near-cache")]
pub use store::NearCache;
#[cfg(any(feature = "near-cache", feature = "refresh", feature = "session"))]
pub use store::{AnyStore, MemoryStore};
#[cfg(feature = "tokio-timer")]
pub use timer::TokioTimer;
