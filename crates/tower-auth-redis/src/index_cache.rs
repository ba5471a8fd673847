//! The index entries that this process has written.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Owner};

/// The number of remembered entries, which take 128 KiB.
const SLOTS: usize = 1 << 14;

/// Remembers acknowledged entries, so that a later save of the record does not write its entry
/// again.
///
/// Each key has one slot for a fingerprint, and a new fingerprint overwrites the old one. A
/// forgotten entry is written again, which is harmless. Only entries that this process has seen
/// acknowledged count. So if an entry was lost on the way, the next save writes it.
pub(crate) struct IndexCache {
    hasher: RandomState,
    slots: Box<[AtomicU64]>,
    /// The number of connections opened so far. The server behind a new connection may have lost
    /// entries.
    made: Arc<AtomicU64>,
}

impl IndexCache {
    pub(crate) fn new(made: Arc<AtomicU64>) -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), slots, made }
    }

    /// Whether the record is known to be in its owner's index until `absolute`.
    pub(crate) fn contains(&self, key: &Key, owner: &Owner, absolute: Timestamp) -> bool {
        self.slot(key).load(Ordering::Relaxed) == self.print(key, owner, absolute, self.made())
    }

    /// Returns the number of connections opened so far. Read it before the entry is sent.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Marks the entry as indexed, as of connection generation `made`. The mark has no effect if a
    /// new connection was opened since, because its server may lack the entry.
    pub(crate) fn insert(&self, key: &Key, owner: &Owner, absolute: Timestamp, made: u64) {
        self.slot(key).store(self.print(key, owner, absolute, made), Ordering::Relaxed);
    }

    fn slot(&self, key: &Key) -> &AtomicU64 {
        // The remainder is below the length.
        &self.slots[(self.hasher.hash_one(key) % SLOTS as u64) as usize]
    }

    fn print(&self, key: &Key, owner: &Owner, absolute: Timestamp, made: u64) -> u64 {
        // Zero marks an empty slot.
        self.hasher.hash_one((key, owner.as_bytes(), absolute, made)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use tower_auth_core::store::{RecordId, RecordKind};

    use super::*;

    #[test]
    fn an_answer_of_a_server_that_was_replaced_meanwhile_counts_for_nothing() {
        let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
        let (owner, absolute) = (Owner::new([1; 32]), Timestamp::from_unix_seconds(100));
        let made = Arc::new(AtomicU64::new(1));
        let index_cache = IndexCache::new(made.clone());
        let sent = index_cache.made();
        index_cache.insert(&key, &owner, absolute, sent);
        assert!(index_cache.contains(&key, &owner, absolute));
        // The connection to the other server opens before the answer arrives.
        let sent = index_cache.made();
        made.fetch_add(1, Ordering::Relaxed);
        index_cache.insert(&key, &owner, absolute, sent);
        assert!(!index_cache.contains(&key, &owner, absolute));
    }
}
