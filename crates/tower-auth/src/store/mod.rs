//! The stores of sessions: the type that layers hold, and the embedded default.
//!
//! [`tower_auth_core::store`] defines the contract, which is re-exported here.

mod any;
mod key_hasher;
mod memory;
#[cfg(feature = "near-cache")]
pub mod near;

pub use any::AnyStore;
pub(crate) use any::BoxFuture;
pub use memory::MemoryStore;
#[cfg(feature = "near-cache")]
pub use near::NearCache;
pub use tower_auth_core::store::*;
