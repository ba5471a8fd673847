//! Recently read records in this process, over a store that several nodes share.
//!
//! ```
//! use std::time::Duration;
//! use tower_auth::{Clock, MemoryStore, NearCache};
//!
//! # fn main() -> Result<(), tower_auth::store::near::ConfigError> {
//! # let shared_store = MemoryStore::new(Clock::system());
//! let store = NearCache::builder(shared_store)
//!     .bounded_staleness(Duration::from_secs(5))
//!     .build()?;
//! # Ok(()) }
//! ```

mod builder;
mod entries;
mod error;
mod held;
mod owners;
mod pulse;
mod store;
mod stripes;
#[cfg(test)]
mod tests;
mod uptime;
mod writing;

use std::fmt;
use std::sync::Arc;

use tower_auth_core::store::{Feed, Store};

pub use builder::Builder;
use entries::Near;
pub use error::ConfigError;

/// Keeps recently read records of another store in this process. A clone is the same cache.
///
/// See the [module docs](self) for examples and for what it promises.
pub struct NearCache<S> {
    store: Arc<S>,
    near: Arc<Near>,
    /// Kept, so that a feed may stop when it is dropped.
    _feed: Option<Arc<dyn Feed>>,
}

impl<S: Store> NearCache<S> {
    /// Begins to set up a near-cache over that store.
    pub fn builder(store: S) -> Builder<S> {
        Builder::new(store)
    }

    /// The store behind it.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.store
    }
}

impl<S> Clone for NearCache<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), near: self.near.clone(), _feed: self._feed.clone() }
    }
}

impl<S> fmt::Debug for NearCache<S> {
    /// Without keys and records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NearCache").finish_non_exhaustive()
    }
}
