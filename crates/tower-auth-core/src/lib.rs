//! The contracts that tower-auth's layers, stores and test kit share.
//!
//! Depend on this crate to **implement** something for tower-auth: a store ([`store::Store`]), a
//! layer of your own that authenticates requests ([`Identity::insert_into`]), or custom refusals
//! ([`Refuse`]). Of all the crates here, this one changes least. It does no I/O, and contains
//! neither a cache nor a cryptographic back end.
//!
//! Applications depend on `tower-auth`, which re-exports what they need.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

pub mod caching;
pub mod clock;
pub mod event;
pub mod identity;
pub mod json;
pub mod refuse;
pub mod rejection;
pub mod report;
pub mod secret;
pub mod state;
pub mod store;
pub mod timer;

pub use clock::{Clock, Timestamp};
pub use event::Events;
pub use identity::{Actor, AuthMethod, Authentication, Identity, Principal};
pub use refuse::{Dialect, Refuse};
pub use rejection::{Misconfigured, Rejection, RequiredScopes};
pub use secret::Secret;
pub use state::{Auth, AuthContext, AuthState};
pub use timer::{AnyTimer, Timer};

#[cfg(feature = "axum")]
pub mod axum;
