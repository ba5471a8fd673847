//! The store contract, implemented with `mg` and `ms`.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, Key, Limits, ListParams, Load, Page, Reason, Record, Store, StoreError, Stored,
    Tombstone, Version, Write,
};

use crate::held::{Held, Next};
use crate::step::Steps;

/// A store of records in one Memcached server. A clone uses the same server and connections.
///
/// The store cannot list and may evict; see the [crate's documentation](crate) for the
/// consequences.
///
/// ```
/// use tower_auth_core::Clock;
/// use tower_auth_core::store::Store;
/// use tower_auth_memcached::MemcachedStore;
///
/// Connects on first use.
/// let store = MemcachedStore::new("memcached://127.0.0.1:11211", Clock::system())?;
/// assert!(store.limits().evicts && !store.limits().lists);
/// # Ok::<(), tower_auth_memcached::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct MemcachedStore {
    pub(crate) steps: Steps,
    pub(crate) max_value: usize,
}

impl Store for MemcachedStore {
    fn limits(&self) -> Limits {
        Limits::new(self.max_value).lists(false).evicts(true).patience(self.steps.timeout)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.limits().check(record)?;
        let creation = |held, now| {
            let version = match held {
                Held::Record(_) => return Next::Stay(Write::Conflict),
                Held::Ended(tombstone) => return Next::Stay(Write::Ended(tombstone.reason)),
                Held::Nothing => Version::first(now),
                Held::Over(version) => version.next(now),
            };
            Next::record(&Stored { version, record: record.clone() }, Write::Done(version))
        };
        self.steps.run(key, creation).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let load = |held, _| {
            Next::Stay(match held {
                Held::Nothing | Held::Over(_) => Load::Absent,
                Held::Record(stored) => Load::Found(stored),
                Held::Ended(tombstone) => {
                    Load::Ended { reason: tombstone.reason, until: tombstone.until }
                }
            })
        };
        self.steps.run(key, load).await
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        self.limits().check(record)?;
        let save = |held, now| match held {
            Held::Record(old) if old.version == expected => {
                let record = Record {
                    owner: old.record.owner.or(record.owner),
                    created: old.record.created,
                    last: record.last.max(old.record.last),
                    ..record.clone()
                };
                let version = old.version.next(now);
                Next::record(&Stored { version, record }, Write::Done(version))
            }
            Held::Record(_) | Held::Nothing | Held::Over(_) => Next::Stay(Write::Conflict),
            Held::Ended(tombstone) => Next::Stay(Write::Ended(tombstone.reason)),
        };
        self.steps.run(key, save).await
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let touch = |held, _| match held {
            Held::Record(mut stored) if stored.record.last < seen => {
                stored.record.last = seen;
                Next::record(&stored, ())
            }
            _ => Next::Stay(()),
        };
        self.steps.run(key, touch).await
    }

    async fn end(&self, key: &Key, reason: Reason, keep: Duration) -> Result<(), StoreError> {
        let end = |held, now: Timestamp| {
            let until = now + keep;
            let first = |version| Tombstone { reason, until, version };
            let tombstone = match held {
                Held::Nothing => first(Version::from_raw(0)),
                Held::Over(version) => first(version),
                Held::Record(stored) => first(stored.version),
                Held::Ended(tombstone) if until <= tombstone.until => return Next::Stay(()),
                Held::Ended(tombstone) => Tombstone { until, ..tombstone },
            };
            Next::tombstone(tombstone, ())
        };
        self.steps.run(key, end).await
    }

    /// Always returns `Unsupported`: Memcached has no index, and an index of our own could be
    /// evicted.
    async fn list(&self, _: ListParams) -> Result<Page, StoreError> {
        Err(StoreError::unsupported())
    }

    /// Always returns `Unsupported`, like [`list`](Store::list).
    async fn end_owned(&self, _: EndOwnedParams) -> Result<usize, StoreError> {
        Err(StoreError::unsupported())
    }
}

impl fmt::Debug for MemcachedStore {
    /// Omits the address, which may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemcachedStore").finish_non_exhaustive()
    }
}
