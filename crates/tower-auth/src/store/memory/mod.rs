//! Records in the memory of this process, for one node, for tests and for a start.
//!
//! Guarantees beyond the contract:
//!
//! - **No global lock.** Records are distributed over 1,024 shards by key, and the index of owners
//!   over as many by owner. A step locks at most one of each. A shard is a table that grows by one
//!   bucket at a time, and the index is a tree, since a hash map that grows moves all of its
//!   entries at once.
//! - **No sweep stops the process.** A record expires exactly at its deadline, because every step
//!   compares it with the clock. Its memory is released a little later: each write examines the
//!   next few records of its shard and drops the expired ones. If half a million records expire
//!   together, each later write still drops only a few. There is no background task.
//! - **A load copies no bytes**, and [`load_now`](super::Store::load_now) always answers.
//!
//! The records are lost when the process ends. Nodes do not share them.
//!
//! ```
//! use tower_auth::{Clock, MemoryStore};
//!
//! let store = MemoryStore::new(Clock::system());
//! let roomy = MemoryStore::new(Clock::system()).max_value(8 << 20);
//! ```

use std::hash::BuildHasher as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use tower_auth_core::store::{
    EndOwnedParams, EndReason, Entry, Key, Limits, ListParams, Load, Page, Record, Store,
    StoreError, Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

mod block;
mod expiry;
mod live;
mod lock;
mod owners;
mod shard;
mod slot;
mod table;
#[cfg(test)]
mod tests;

use live::Live;
use lock::lock;
use owners::Owners;
use shard::Shard;
use slot::Dropped;
use table::Hashed;

use super::key_hasher::KeyHasher;

/// The number of shards: enough that two steps hardly ever meet at one lock.
const SHARDS: usize = 1024;

/// The number of an owner's keys that are taken from the index at a time. In between, the thread's
/// other tasks run.
const LOT: usize = 64;

/// A store that keeps records in the memory of this process. Clones share the same records.
///
/// The store lists by owner and never evicts. Pass it the same clock as the layers.
///
/// ```
/// use tower_auth::store::{StoreErrorKind, RecordId, Key, RecordKind, Load, Store};
/// use tower_auth::{Clock, MemoryStore};
///
/// let store = MemoryStore::new(Clock::system());
/// let unknown = Key::new(RecordKind::Session, RecordId::new([0; 16]));
/// assert!(matches!(store.load_now(&unknown), Some(Load::Absent)));
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    inner: Arc<Inner>,
    max_value: usize,
}

struct Inner {
    clock: Clock,
    key_hasher: KeyHasher,
    shards: Box<[Mutex<Shard>]>,
    owners: Owners,
}

impl MemoryStore {
    /// The default limit of a record's `meta` and `data` together, in bytes: 1 MiB.
    pub const MAX_VALUE: usize = 1 << 20;

    /// Creates an empty store with this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        let inner =
            Inner { clock, key_hasher: KeyHasher::new(), shards, owners: Owners::new(SHARDS) };
        Self { inner: Arc::new(inner), max_value: Self::MAX_VALUE }
    }

    /// Sets the limit of a record's `meta` and `data` together, in bytes. Default: 1 MiB; at most 4
    /// GiB − 33.
    ///
    /// The limit applies to writes through this handle and its clones.
    ///
    /// ```
    /// use tower_auth::store::Store;
    /// use tower_auth::{Clock, MemoryStore};
    ///
    /// let store = MemoryStore::new(Clock::system()).max_value(64 << 10);
    /// assert_eq!(store.limits().max_value, 64 << 10);
    /// ```
    #[must_use]
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes.min(Live::MAX_VALUE);
        self
    }

    /// Creates the in-memory record, before any lock is taken.
    fn fresh(&self, record: &Record) -> Result<Live, StoreError> {
        self.limits().check(record)?;
        Ok(Live::new(record, record.owner.as_ref()))
    }

    fn find(&self, key: &Key) -> Load {
        let now = self.inner.clock.now();
        let at = self.inner.at(key);
        let mut shard = self.inner.shard(at);
        let (load, dropped) = shard.load(at, now, &self.inner.owners);
        drop(shard);
        drop(dropped);
        load
    }
}

impl Inner {
    fn at<'a>(&self, key: &'a Key) -> Hashed<'a> {
        Hashed { key, hash: self.key_hasher.hash_one(key) }
    }

    fn shard(&self, at: Hashed<'_>) -> MutexGuard<'_, Shard> {
        // The remainder is below SHARDS for any width of usize.
        lock(&self.shards[at.hash as usize % SHARDS])
    }

    /// Runs one writing step. Memory is freed after the lock is released.
    fn step<T>(
        &self,
        key: &Key,
        step: impl FnOnce(&mut Shard, Hashed<'_>, Timestamp, &Owners) -> (T, Dropped),
    ) -> T {
        let now = self.clock.now();
        let at = self.at(key);
        let mut shard = self.shard(at);
        let (answer, dropped) = step(&mut shard, at, now, &self.owners);
        let swept = shard.sweep(now, &self.owners);
        drop(shard);
        drop((dropped, swept));
        answer
    }
}

impl Store for MemoryStore {
    fn limits(&self) -> Limits {
        Limits::new(self.max_value)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        let fresh = self.fresh(record)?;
        Ok(self.inner.step(key, |shard, at, now, owners| shard.create(at, fresh, now, owners)))
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        Ok(self.find(key))
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        Some(self.find(key))
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        let fresh = self.fresh(record)?;
        Ok(self
            .inner
            .step(key, |shard, at, now, owners| shard.save(at, expected, fresh, now, owners)))
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        self.inner.step(key, |shard, at, now, _| {
            shard.touch(at, seen, now);
            ((), None)
        });
        Ok(())
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        self.inner.step(key, |shard, at, now, owners| {
            let (_, dropped) = shard.end(at, None, reason, keep, now, owners);
            ((), dropped)
        });
        Ok(())
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        let owner = &params.owner;
        let limit = params.limit.max(1);
        let mut entries: Vec<Entry> = Vec::new();
        let mut after = params.cursor.as_ref().and_then(owners::key_of);
        loop {
            let lot = self.inner.owners.after(owner, params.kinds, after, LOT);
            for key in &lot {
                let Load::Found(stored) = self.find(key) else { continue };
                // Another owner's record may have the same tag.
                if stored.record.owner.as_ref() != Some(owner) {
                    continue;
                }
                if let (true, Some(last)) = (entries.len() == limit, entries.last()) {
                    let next = Some(owners::cursor_of(&last.key));
                    return Ok(Page { entries, next });
                }
                entries.push(Entry { key: *key, stored });
            }
            if lot.len() < LOT {
                return Ok(Page { entries, next: None });
            }
            after = lot.last().copied();
            YieldNow::default().await;
        }
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let EndOwnedParams { kinds, ref owner, except, reason, keep, .. } = params;
        let (mut ended, mut after) = (0, None);
        loop {
            let lot = self.inner.owners.after(owner, kinds, after, LOT);
            for key in lot.iter().filter(|key| Some(key.id) != except) {
                ended += usize::from(self.inner.step(key, |shard, at, now, owners| {
                    shard.end(at, Some(owner), reason, keep, now, owners)
                }));
            }
            if lot.len() < LOT {
                return Ok(ended);
            }
            after = lot.last().copied();
            YieldNow::default().await;
        }
    }
}

/// Yields once to the thread's other tasks.
#[derive(Default)]
struct YieldNow(bool);

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

tower_auth_core::opaque_debug!(MemoryStore, "MemoryStore");
