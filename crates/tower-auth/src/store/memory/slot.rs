//! A place in a shard, and what leaves it.

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Tombstone};

use super::live::Live;
use super::owners::Owners;

/// What a step took out. It goes to the caller, to be freed when the lock no longer is held.
pub(super) type Dropped = Option<Slot>;

pub(super) enum Slot {
    Live(Live),
    Ended(Tombstone),
}

impl Slot {
    /// Whether it is there only because nobody has swept yet.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Self::Live(live) => !live.is_live(now),
            Self::Ended(tombstone) => now >= tombstone.until,
        }
    }

    /// Takes the entry of what lay under that key out of the index.
    pub(super) fn forget(&self, key: &Key, owners: &Owners) {
        if let Self::Live(live) = self
            && let Some(owner) = live.owner()
        {
            owners.remove(&owner, key);
        }
    }
}
