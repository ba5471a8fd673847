//! What this process itself has put into an owner's index.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Owner};

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
    pub(crate) fn contains(&self, key: &Key, owner: &Owner, absolute: Timestamp) -> bool {
        self.slot(key).load(Ordering::Relaxed) == self.print(key, owner, absolute, self.made())
    }

    /// How many connections were made until now: to be asked before the entry is sent.
    pub(crate) fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }

    /// Says that it is, by an answer to what was sent when so many connections had been made. It may
    /// have come from a server that another has taken the place of meanwhile.
    pub(crate) fn insert(&self, key: &Key, owner: &Owner, absolute: Timestamp, made: u64) {
        self.slot(key).store(self.print(key, owner, absolute, made), Ordering::Relaxed);
    }

    fn slot(&self, key: &Key) -> &AtomicU64 {
        // The remainder is below the length.
        &self.slots[(self.hasher.hash_one(key) % SLOTS as u64) as usize]
    }

    fn print(&self, key: &Key, owner: &Owner, absolute: Timestamp, made: u64) -> u64 {
        // Zero is an empty slot.
        self.hasher.hash_one((key, owner.as_bytes(), absolute, made)).max(1)
    }
}

#[cfg(test)]
mod tests {
    use tower_auth_core::store::{Handle, Kind};

    use super::*;

    #[test]
    fn an_answer_of_a_server_that_was_replaced_meanwhile_counts_for_nothing() {
        let key = Key::new(Kind::Session, Handle::new([1; 16]));
        let (owner, absolute) = (Owner::new([1; 32]), Timestamp::from_unix_seconds(100));
        let made = Arc::new(AtomicU64::new(1));
        let indexed = Indexed::new(made.clone());
        let sent = indexed.made();
        indexed.insert(&key, &owner, absolute, sent);
        assert!(indexed.contains(&key, &owner, absolute));
        // The other server's connection is there before the answer is.
        let sent = indexed.made();
        made.fetch_add(1, Ordering::Relaxed);
        indexed.insert(&key, &owner, absolute, sent);
        assert!(!indexed.contains(&key, &owner, absolute));
    }
}
