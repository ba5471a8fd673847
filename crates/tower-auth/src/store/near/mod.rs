//! A cache of recently read records in this process, in front of a store that several nodes share.
//! A session that this node knows needs no round trip, and a kick still reaches every node.
//!
//! With the store's own feed, which reports every change as it happens:
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
//! Without a feed, the maximum staleness of an answer must be set:
//!
//! ```
//! use std::time::Duration;
//! use tower_auth::{Clock, MemoryStore, NearCache};
//!
//! # fn main() -> Result<(), tower_auth::store::near::NearCacheConfigError> {
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
//! `NearCache` is a [`Store`]. [`load_now`](Store::load_now) answers from memory, without a future.
//! [`load`](Store::load) always asks the store, and keeps the answer. Layers ask memory first.
//!
//! 1. **A change during a read wins over the read.** If a record changes while it is being read,
//!    the reader receives it, and the cache does not keep it. An older version never replaces a
//!    newer one.
//! 2. **This node sees its own writes at once**, on every flavour of runtime. The cache drops a
//!    record before a write of it is sent. When the call returns, the cache knows the state that
//!    the store has acknowledged. After a write that failed, conflicted or was dropped, it knows
//!    nothing of the record.
//! 3. **Memory answers only while the feed is alive**: while the last heartbeat that the server has
//!    answered was sent less than [`heartbeat_tolerance`](NearCacheBuilder::heartbeat_tolerance) (2 s) ago,
//!    by a clock that cannot be set. After a silence or a loss the cache is empty.
//! 4. **No entry is older than [`max_age`](NearCacheBuilder::max_age)** (30 s), counted from the start of
//!    its read, even if the feed reports no change.
//!
//! With a healthy feed, a node is behind by the time that a push takes. If the feed dies, it is
//! behind by at most 2 s, and if the feed is faulty, by at most 30 s. [The
//! manual](crate::manual::nodes) describes the consequences for a logout.
//!
//! # Contents
//!
//! The cache holds up to [`max_bytes`](NearCacheBuilder::max_bytes) (64 MiB), including its overhead. It
//! keeps records, tombstones until they expire, and the absence of records. A client that
//! repeatedly sends the credential of a kicked session therefore puts no load on the store. Expired
//! records are never served, and never treated as absent, since another node may have touched them.
//!
//! Readers share a read lock on one of the cache's many parts. A write holds the lock only while it
//! exchanges a pointer. Concurrent misses of one key each ask the store.
//!
//! The feed's echo of this node's own write drops the entry that the write has left, and the next
//! request asks the store. A push names a key and no version, and a server reports several changes
//! at once, so an apparent echo may also cover another node's change.
//!
//! A suspended machine does not count the time: for up to 2 s after it resumes, memory answers as
//! before.

mod bounds;
mod builder;
mod cached_entry;
mod entries;
mod error;
mod feed_liveness;
mod key_locks;
mod owners;
mod record_clock;
mod store;
#[cfg(test)]
mod tests;
mod uptime;
mod writing;

use std::fmt;
use std::sync::Arc;

use tower_auth_core::store::{Feed, Store};

pub use builder::NearCacheBuilder;
use entries::Near;
pub use error::NearCacheConfigError;

/// A [`Store`] that keeps recently read records of another store in this process. Clones share the
/// same cache.
///
/// See the [module docs](self) for examples and guarantees.
pub struct NearCache<S> {
    store: Arc<S>,
    near: Arc<Near>,
    /// Held, since a feed may stop when it is dropped.
    _feed: Option<Arc<dyn Feed>>,
}

impl<S: Store> NearCache<S> {
    /// Returns a builder for a near-cache in front of `store`.
    pub fn builder(store: S) -> NearCacheBuilder<S> {
        NearCacheBuilder::new(store)
    }

    /// Returns the store behind the cache.
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
    /// Shows neither keys nor records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NearCache").finish_non_exhaustive()
    }
}
