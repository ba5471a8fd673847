//! What this process itself has put into an owner's index.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_auth_core::store::{Key, Record};

/// How many entries are remembered: 128 KiB.
const SLOTS: usize = 1 << 14;

/// Remembers entries that were acknowledged, so that a later save of the record does without.
///
/// Fingerprints, each in the one slot that its key has; a new one overwrites. Who is forgotten is
/// put into the index once more, which does no harm. It only counts what this process has seen
/// acknowledged: an entry that was lost on the way comes in with the next save.
pub(crate) struct Indexed {
    hasher: RandomState,
    slots: Box<[AtomicU64]>,
    /// How many connections were made: the server behind a new one may have lost some of it.
    made: Arc<AtomicU64>,
}

impl Indexed {
    pub(crate) fn new(made: Arc<AtomicU64>) -> Self {
        let slots = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { hasher: RandomState::new(), slots, made }
    }

    /// Whether the record is known to be in its owner's index, for long enough.
    pub(crate) fn contains(&self, key: &Key, record: &Record) -> bool {
        self.slot(key).load(Ordering::Relaxed) == self.print(key, record)
    }

    /// Says that it is.
    pub(crate) fn insert(&self, key: &Key, record: &Record) {
        self.slot(key).store(self.print(key, record), Ordering::Relaxed);
    }

    fn slot(&self, key: &Key) -> &AtomicU64 {
        // The remainder is below the length.
        &self.slots[(self.hasher.hash_one(key) % SLOTS as u64) as usize]
    }

    fn print(&self, key: &Key, record: &Record) -> u64 {
        let owner = record.owner.map(|it| *it.as_bytes());
        // Zero is an empty slot.
        let made = self.made.load(Ordering::Relaxed);
        self.hasher.hash_one((key, owner, record.absolute, made)).max(1)
    }
}
