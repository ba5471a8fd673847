//! The store contract, implemented with `mg` and `ms`.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, StoreError,
    Stored, Tombstone, Version, Write,
};

use crate::step::Steps;
use crate::stored_value::{Outcome, StoredValue};

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
/// // Connects on first use.
/// let store = MemcachedStore::new("memcached://127.0.0.1:11211", Clock::system())?;
/// assert!(store.limits().evicts && !store.limits().lists);
/// # Ok::<(), tower_auth_memcached::MemcachedConfigError>(())
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
        let creation = |current, now| {
            let version = match current {
                StoredValue::Record(_) => return Outcome::Keep(Write::Conflict),
                StoredValue::Ended(tombstone) => {
                    return Outcome::Keep(Write::Ended(tombstone.reason));
                }
                StoredValue::Nothing => Version::first(now),
                StoredValue::Over(version) => version.next(now),
            };
            Outcome::record(&Stored { version, record: record.clone() }, Write::Done(version))
        };
        self.steps.run(key, creation).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let load = |current, _| {
            Outcome::Keep(match current {
                StoredValue::Nothing | StoredValue::Over(_) => Load::Absent,
                StoredValue::Record(stored) => Load::Found(stored),
                StoredValue::Ended(tombstone) => {
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
        let save = |current, now| match current {
            StoredValue::Record(old) if old.version == expected => {
                let record = Record {
                    owner: old.record.owner.or(record.owner),
                    created: old.record.created,
                    last: record.last.max(old.record.last),
                    ..record.clone()
                };
                let version = old.version.next(now);
                Outcome::record(&Stored { version, record }, Write::Done(version))
            }
            StoredValue::Record(_) | StoredValue::Nothing | StoredValue::Over(_) => {
                Outcome::Keep(Write::Conflict)
            }
            StoredValue::Ended(tombstone) => Outcome::Keep(Write::Ended(tombstone.reason)),
        };
        self.steps.run(key, save).await
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let touch = |current, _| match current {
            StoredValue::Record(mut stored) if stored.record.last < seen => {
                stored.record.last = seen;
                Outcome::record(&stored, ())
            }
            _ => Outcome::Keep(()),
        };
        self.steps.run(key, touch).await
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        let end = |current, now: Timestamp| {
            let until = now + keep;
            let first = |version| Tombstone { reason, until, version };
            let tombstone = match current {
                StoredValue::Nothing => first(Version::from_raw(0)),
                StoredValue::Over(version) => first(version),
                StoredValue::Record(stored) => first(stored.version),
                StoredValue::Ended(tombstone) if until <= tombstone.until => {
                    return Outcome::Keep(());
                }
                StoredValue::Ended(tombstone) => Tombstone { until, ..tombstone },
            };
            Outcome::tombstone(tombstone, ())
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
