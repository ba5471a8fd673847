//! The slots of a shard, and the slots that steps remove.

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Tombstone};

use super::live::Live;
use super::owners::Owners;

/// The slot that a step removed. The caller frees it after releasing the lock.
pub(super) type Dropped = Option<Slot>;

pub(super) enum Slot {
    Live(Live),
    Ended(Tombstone),
}

impl Slot {
    /// Returns `true` if the slot has expired and waits for a sweep.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Self::Live(live) => !live.is_live(now),
            Self::Ended(tombstone) => now >= tombstone.until,
        }
    }

    /// Removes this slot's entry from the index.
    pub(super) fn forget(&self, key: &Key, owners: &Owners) {
        if let Self::Live(live) = self
            && let Some(owner) = live.owner()
        {
            owners.remove(&owner, key);
        }
    }
}
