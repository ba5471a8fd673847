//! The contracts that tower-auth's layers, stores and test kit share.
//!
//! This is the crate to depend on when you **write** something for tower-auth: a store
//! ([`store::Store`]), a layer of your own that proves identities ([`Identity::insert_into`]), or
//! a refusal in your own words ([`Refuse`]). It moves least of all crates here, does no I/O, and
//! holds neither a cache nor a cryptographic back-end.
//!
//! Applications add `tower-auth`, which re-exports what they need.

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
pub use identity::{Identity, Method, Principal, Proof};
pub use refuse::{Dialect, Refuse};
pub use rejection::{Rejection, Wiring};
pub use secret::Secret;
pub use state::{Auth, AuthContext, AuthState};
pub use timer::{AnyTimer, Timer};

#[cfg(feature = "axum")]
pub mod axum;
