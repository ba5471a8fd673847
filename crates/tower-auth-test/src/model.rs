//! The store contract as the simplest program that keeps it.
//!
//! Use it to compare other stores with, or as a reference: it has no optimizations, so its answers
//! are those of the contract. It is slow (each step examines every record that it needs under one
//! lock) and never frees memory, so it is for tests only. The embedded store of applications is
//! `tower_auth::MemoryStore`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::store::{
    Cursor, EndOwnedParams, EndReason, Entry, Key, Limits, ListParams, Load, Owner, Page, Record,
    RecordKinds, Store, StoreError, Stored, Tombstone, Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

#[cfg(test)]
mod tests;

/// A store in one map under one lock.
///
/// ```
/// use std::time::Duration;
/// use tower_auth_core::store::{RecordId, Key, RecordKind, Load, EndReason, Store};
/// use tower_auth_test::{ModelStore, TestClock};
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let time = TestClock::new();
/// let store = ModelStore::new(time.clock());
///
/// let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
/// store.end(&key, EndReason::Kicked, Duration::from_secs(60)).await.unwrap();
/// assert!(matches!(store.load(&key).await, Ok(Load::Ended { reason: EndReason::Kicked, .. })));
/// time.advance(Duration::from_secs(60));
/// assert!(matches!(store.load(&key).await, Ok(Load::Absent)));
/// # }
/// ```
pub struct ModelStore {
    clock: Clock,
    slots: Mutex<BTreeMap<Key, Slot>>,
}

/// The complete history of a key.
struct Slot {
    /// The greatest version that was returned. It outlives the record.
    newest: Version,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Nothing,
    Live(Record),
    Ended(Tombstone),
}

type Slots = BTreeMap<Key, Slot>;

impl ModelStore {
    /// The maximum size of a record's `meta` and `data` together, in bytes.
    pub const MAX_VALUE: usize = 4096;

    /// Creates an empty store that uses this clock.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, slots: Mutex::default() }
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        // No code of the test runs under this lock, so a poisoned lock still guards complete data.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the current content of a key, with its version.
    fn look(&self, slots: &Slots, key: &Key) -> (Content, Version) {
        let Some(slot) = slots.get(key) else { return (Content::Nothing, Version::from_raw(0)) };
        let now = self.clock.now();
        let over = match &slot.content {
            Content::Nothing => true,
            Content::Live(record) => !record.is_live(now),
            Content::Ended(tombstone) => now >= tombstone.until,
        };
        (if over { Content::Nothing } else { slot.content.clone() }, slot.newest)
    }

    fn write(&self, slots: &mut Slots, key: &Key, record: Record) -> Write {
        let now = self.clock.now();
        let newest = slots.get(key).map_or(Version::first(now), |slot| slot.newest.next(now));
        slots.insert(*key, Slot { newest, content: Content::Live(record) });
        Write::Done(newest)
    }

    fn bury(&self, slots: &mut Slots, key: &Key, reason: EndReason, keep: Duration) {
        let (there, newest) = self.look(slots, key);
        let mut tombstone = Tombstone { reason, until: self.clock.now() + keep, version: newest };
        if let Content::Ended(first) = there {
            tombstone.reason = first.reason;
            tombstone.until = tombstone.until.max(first.until);
        }
        slots.insert(*key, Slot { newest, content: Content::Ended(tombstone) });
    }

    /// Returns all of an owner's live records, in the order of their keys.
    fn owned(&self, slots: &Slots, kinds: RecordKinds, owner: &Owner) -> Vec<Entry> {
        let of_owner = |key: &Key| match self.look(slots, key) {
            (Content::Live(record), version) if record.owner.as_ref() == Some(owner) => {
                Some(Entry { key: *key, stored: Stored { version, record } })
            }
            _ => None,
        };
        slots.keys().filter(|key| kinds.contains(key.kind)).filter_map(of_owner).collect()
    }
}

fn cursor_of(key: &Key) -> Cursor {
    let mut bytes = vec![key.kind as u8];
    bytes.extend_from_slice(key.id.as_bytes());
    Cursor(Bytes::from(bytes))
}

impl Store for ModelStore {
    fn limits(&self) -> Limits {
        Limits::new(Self::MAX_VALUE)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.limits().check(record)?;
        let mut slots = self.slots();
        Ok(match self.look(&slots, key).0 {
            Content::Nothing => self.write(&mut slots, key, record.clone()),
            Content::Live(_) => Write::Conflict,
            Content::Ended(tombstone) => Write::Ended(tombstone.reason),
        })
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        Ok(match self.look(&self.slots(), key) {
            (Content::Nothing, _) => Load::Absent,
            (Content::Live(record), version) => Load::Found(Stored { version, record }),
            (Content::Ended(tombstone), _) => {
                Load::Ended { reason: tombstone.reason, until: tombstone.until }
            }
        })
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        self.limits().check(record)?;
        let mut slots = self.slots();
        Ok(match self.look(&slots, key) {
            (Content::Live(old), version) if version == expected => {
                let mut record = record.clone();
                record.owner = old.owner.or(record.owner);
                record.created = old.created;
                record.last = record.last.max(old.last);
                self.write(&mut slots, key, record)
            }
            (Content::Live(_) | Content::Nothing, _) => Write::Conflict,
            (Content::Ended(tombstone), _) => Write::Ended(tombstone.reason),
        })
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let mut slots = self.slots();
        if let (Content::Live(mut record), newest) = self.look(&slots, key) {
            record.last = record.last.max(seen);
            slots.insert(*key, Slot { newest, content: Content::Live(record) });
        }
        Ok(())
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        self.bury(&mut self.slots(), key, reason, keep);
        Ok(())
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        let ListParams { kinds, owner, cursor, limit, .. } = params;
        let mut entries = self.owned(&self.slots(), kinds, &owner);
        if let Some(after) = cursor {
            entries.retain(|entry| cursor_of(&entry.key).0 > after.0);
        }
        let more = entries.len() > limit.max(1);
        entries.truncate(limit.max(1));
        let next = entries.last().filter(|_| more).map(|entry| cursor_of(&entry.key));
        Ok(Page { entries, next })
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let EndOwnedParams { kinds, owner, except, reason, keep, .. } = params;
        let mut slots = self.slots();
        let mut owned = self.owned(&slots, kinds, &owner);
        owned.retain(|entry| Some(entry.key.id) != except);
        for entry in &owned {
            self.bury(&mut slots, &entry.key, reason, keep);
        }
        Ok(owned.len())
    }
}

impl fmt::Debug for ModelStore {
    /// Does not print the records.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelStore").finish_non_exhaustive()
    }
}
