//! Which records are whose.
//!
//! An entry goes in and out under the lock of its record's shard, so there is one exactly while
//! there is the record. That lock is always taken first and this one second, never the other way
//! round: readers take keys from here, let go, and then look at the records.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use tower_auth_core::store::{Cursor, Handle, Key, Kind, Kinds, Owner};

use super::lock::lock;

/// Stands for an owner in 8 bytes instead of 32; who reads compares the owner in the record.
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

    /// The next keys of an owner in the order of keys, at most `limit`; among them perhaps a
    /// stranger's, and some that are over.
    pub(super) fn after(
        &self,
        owner: &Owner,
        kinds: Kinds,
        after: Option<Key>,
        limit: usize,
    ) -> Vec<Key> {
        let (tag, entries) = self.entries(owner);
        let first = match kinds {
            Kinds::All => Kind::ALL[0],
            Kinds::Only(kind) => kind,
        };
        let first = Key::new(first, Handle::new([0; 16]));
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
        // The remainder is below the number of shards, whatever the width of usize.
        (hash.to_be_bytes(), lock(&self.shards[hash as usize % self.shards.len()]))
    }
}

/// The next page begins after this key.
pub(super) fn cursor_of(key: &Key) -> Cursor {
    let mut bytes = Vec::with_capacity(17);
    bytes.push(key.kind as u8);
    bytes.extend_from_slice(key.handle.as_bytes());
    Cursor(Bytes::from(bytes))
}

/// The key that a cursor names; `None`, and so the first page, where it is no cursor of ours.
pub(super) fn key_of(cursor: &Cursor) -> Option<Key> {
    let (kind, handle) = cursor.0.split_first()?;
    let kind = Kind::ALL.into_iter().find(|it| *it as u8 == *kind)?;
    Some(Key::new(kind, Handle::new(handle.try_into().ok()?)))
}
