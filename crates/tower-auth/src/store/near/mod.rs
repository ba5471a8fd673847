//! Recently read records in this process, over a store that several nodes share: no round trip for
//! a session that this node knows, and a kick that still reaches every node.
//!
//! With the store's own feed, which tells of every change as it happens:
//!
//! ```
//! use tower_auth::{Clock, KeyRing, MemoryStore, NearCache, SessionLayer};
//! # use tower_auth_test::FeedingStore;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let keys = KeyRing::random();
//! # let store = FeedingStore::new(MemoryStore::new(Clock::system()));
//! let feed = store.feed();
//! let store = NearCache::builder(store).feed(feed).build()?;
//! let sessions = SessionLayer::new(store, &keys);
//! # Ok(()) }
//! ```
//!
//! Without one it has to be said how stale an answer may be:
//!
//! ```
//! use std::time::Duration;
//! use tower_auth::{Clock, MemoryStore, NearCache};
//!
//! # fn main() -> Result<(), tower_auth::store::near::ConfigError> {
//! # let store = MemoryStore::new(Clock::system());
//! let store = NearCache::builder(store)
//!     .bounded_staleness(Duration::from_secs(5))
//!     .max_bytes(16 << 20)
//!     .build()?;
//! # Ok(()) }
//! ```
//!
//! # What it promises
//!
//! It is a [`Store`]: [`load_now`](Store::load_now) answers from memory, without a future;
//! [`load`](Store::load) always asks the store, and keeps the answer. Layers ask memory first.
//!
//! 1. **What happened during a read wins over what was read.** A record that is changed while it is
//!    being read is returned to that reader, and not kept. An older version never replaces a newer.
//! 2. **This node sees its own writes at once**, on every flavour of runtime. What is known of a
//!    record is dropped before a write of it is sent; what the store has acknowledged is known when
//!    the call returns; of a write that failed, conflicted or was dropped, nothing is known.
//! 3. **Memory answers only while the feed is alive**: while the last question that the server has
//!    answered was asked less than [`heartbeat_tolerance`](Builder::heartbeat_tolerance) (2 s) ago,
//!    by a clock that nobody sets. After a silence or a loss it is empty.
//! 4. **No entry is older than [`max_age`](Builder::max_age)** (30 s), counted from the beginning of
//!    the read that it rests on, whatever the feed says.
//!
//! So with a healthy feed a node is behind by the time that a push takes; with one that died, by
//! at most 2 s; with one that lies, by 30 s. [The manual](crate::manual::nodes) says what that means
//! for a logout.
//!
//! # What is kept
//!
//! As much as [`max_bytes`](Builder::max_bytes) (64 MiB), counted with what keeping costs. Records,
//! tombstones, for as long as they lie, and that there is nothing. So who comes with a kicked
//! session's credential, again and again, is no load on the store. Expired records are never served,
//! and not taken for absent either: another node may have touched them.
//!
//! Readers share a lock with readers, on one of many parts of the cache; a write holds it for as
//! long as it takes to exchange a pointer. Concurrent misses of one key each ask the store.
//!
//! The feed's echo of this node's own write takes out what the write has left, and the next request
//! asks the store: a push names a key and no version, and a server tells of several changes at once,
//! so what sounds like our own may be another's as well.
//!
//! A machine that is put to sleep does not count the time: for up to 2 s after it wakes, memory
//! answers as before.

mod bounds;
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
mod wall;
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
