//! Tower layers that put one authenticated [`Identity`] into the request's extensions, for any
//! hyper, axum or tonic service.

pub use tower_auth_core::{
    AuthState, Clock, Dialect, Identity, Method, Principal, Proof, Refuse, Rejection, Secret,
    Timestamp, Wiring, refuse,
};

#[cfg(feature = "cookie")]
mod context;
#[cfg(feature = "cookie")]
pub mod cookie;
#[cfg(any(feature = "csrf", feature = "session"))]
mod credential;
#[cfg(feature = "csrf")]
pub mod csrf;
#[cfg(feature = "keys")]
pub mod keys;
#[cfg(feature = "require")]
pub mod require;
#[cfg(feature = "session")]
pub mod session;
#[cfg(feature = "session")]
pub mod store;
mod trace;

#[cfg(feature = "cookie")]
pub use cookie::{CookieLayer, Cookies};
#[cfg(feature = "csrf")]
pub use csrf::{CsrfLayer, CsrfToken};
#[cfg(feature = "keys")]
pub use keys::KeyRing;
#[cfg(feature = "require")]
pub use require::RequireLayer;
#[cfg(feature = "session")]
pub use session::{Session, SessionLayer};
#[cfg(feature = "session")]
pub use store::{AnyStore, MemoryStore};
