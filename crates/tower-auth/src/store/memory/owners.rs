//! The index of records by owner.
//!
//! Entries are inserted and removed under the lock of the record's shard, so an entry exists
//! exactly as long as its record. That lock is always taken first and the index's lock second,
//! never in the reverse order. Readers take keys from the index, release its lock, and then examine
//! the records.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use tower_auth_core::store::{Cursor, Key, Owner, RecordId, RecordKind, RecordKinds};

use super::lock::lock;

/// A hash that represents an owner in 8 bytes instead of 32. Readers compare the owner in the
/// record.
type Tag = [u8; 8];

type Shard = Mutex<BTreeSet<(Tag, Key)>>;

pub(super) struct Owners {
    hasher: RandomState,
    shards: Box<[Shard]>,
}

impl Owners {
    pub(super) fn new(shards: usize) -> Self {
        let shards = (0..shards).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards }
    }

    pub(super) fn insert(&self, owner: &Owner, key: &Key) {
        let (tag, mut entries) = self.entries(owner);
        entries.insert((tag, *key));
    }

    pub(super) fn remove(&self, owner: &Owner, key: &Key) {
        let (tag, mut entries) = self.entries(owner);
        entries.remove(&(tag, *key));
    }

    /// Returns at most `limit` next keys of an owner, in key order. They may include keys of
    /// another owner and of expired records.
    pub(super) fn after(
        &self,
        owner: &Owner,
        kinds: RecordKinds,
        after: Option<Key>,
        limit: usize,
    ) -> Vec<Key> {
        let (tag, entries) = self.entries(owner);
        let first = match kinds {
            RecordKinds::All => RecordKind::ALL[0],
            RecordKinds::Only(kind) => kind,
        };
        let first = Key::new(first, RecordId::new([0; 16]));
        let from = match after {
            Some(after) if after >= first => Bound::Excluded((tag, after)),
            _ => Bound::Included((tag, first)),
        };
        entries
            .range((from, Bound::Unbounded))
            .take_while(|(its, key)| *its == tag && kinds.contains(key.kind))
            .take(limit)
            .map(|(_, key)| *key)
            .collect()
    }

    fn entries(&self, owner: &Owner) -> (Tag, MutexGuard<'_, BTreeSet<(Tag, Key)>>) {
        let hash = self.hasher.hash_one(owner);
        // The remainder is below the number of shards for any width of usize.
        (hash.to_be_bytes(), lock(&self.shards[hash as usize % self.shards.len()]))
    }
}

/// Returns a cursor for the page after this key.
pub(super) fn cursor_of(key: &Key) -> Cursor {
    let mut bytes = Vec::with_capacity(17);
    bytes.push(key.kind as u8);
    bytes.extend_from_slice(key.id.as_bytes());
    Cursor(Bytes::from(bytes))
}

/// Returns the key that a cursor names. `None` stands for the first page, and is also the result
/// for a foreign cursor.
pub(super) fn key_of(cursor: &Cursor) -> Option<Key> {
    let (kind, id) = cursor.0.split_first()?;
    let kind = RecordKind::ALL.into_iter().find(|it| *it as u8 == *kind)?;
    Some(Key::new(kind, RecordId::new(id.try_into().ok()?)))
}
