//! Tower layers that put one authenticated [`Identity`] into the request's extensions, for any
//! hyper, axum or tonic service.
//!
//! | layer | what a handler gets | feature |
//! |---|---|---|
//! | `CookieLayer` | `Cookies`: read, set, remove; signed, encrypted, encoded | `cookie` |
//! | `CsrfLayer` | requests of other sites refused; `CsrfToken` where you ask for one | `csrf` |
//! | `SessionLayer` | `Session`, and the [`Identity`] that it proves | `session` |
//! | `RefreshLayer` | nothing: it serves refresh and revocation; `Refresh` begins them | `refresh` |
//! | `BearerJwtLayer` | the [`Identity`] that a signed access token proves; `Claims<T>` | `bearer`, `bearer-rust-crypto` |
//! | `RequireLayer` | only requests with an identity, a scope, a role, recently proven | `require` |
//!
//! Each works alone and with the others; [`manual::order`] says in which order and why. `AuthStack`
//! (feature `stack`) takes them in one expression that compiles only in that order. Feature `axum` adds extractors, `tracing` adds events,
//! `tokio-timer` a timer for time limits. Nothing is on by default; `full` is all of it.
//!
//! `bearer` checks signatures by aws-lc, whose build takes a C compiler; `bearer-rust-crypto` is the same
//! layer without one, and with both [`bearer::Backend`] chooses. `jsonwebtoken-12` adds conversions from
//! the key types of jsonwebtoken 12. `full` has neither of the last two.
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
        reason = "what one layer leaves unused another uses; all of them together leave nothing"
    )
)]

pub use tower_auth_core::{
    AnyTimer, AuthState, Clock, Dialect, Events, Identity, Method, Principal, Proof, Refuse,
    Rejection, Secret, Timer, Timestamp, Wiring, event, refuse,
};

#[cfg(any(feature = "_bearer", feature = "csrf", feature = "session"))]
mod base64url;
#[cfg(all(feature = "_bearer", not(any(feature = "bearer", feature = "bearer-rust-crypto"))))]
compile_error!("`_bearer` has no library for signatures: turn on `bearer` or `bearer-rust-crypto`");

#[cfg(feature = "_bearer")]
pub mod bearer;
#[cfg(feature = "cookie")]
pub mod cookie;
#[cfg(feature = "keys")]
mod crypto;
#[cfg(feature = "csrf")]
pub mod csrf;
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
pub use csrf::{CsrfLayer, CsrfToken};
#[cfg(feature = "refresh")]
pub use refresh::{Refresh, RefreshLayer};
#[cfg(feature = "require")]
pub use require::RequireLayer;
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
