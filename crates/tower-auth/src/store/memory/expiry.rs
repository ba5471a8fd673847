//! Release of the memory of expired records: a little with every write.

use tower_auth_core::Timestamp;

use super::owners::Owners;
use super::shard::Shard;
use super::slot::Dropped;

/// The number of records that a write examines, and so the maximum that it drops besides its own.
///
/// Each creation is a write, so the sweep completes a round after one write for every four records.
/// Expired records never exceed about a third of the live ones. This needs no index of deadlines,
/// which every touch would have to update.
pub(super) const SWEEP: usize = 4;

impl Shard {
    /// Examines the next few records, and removes those that have expired.
    pub(super) fn sweep(&mut self, now: Timestamp, owners: &Owners) -> [Dropped; SWEEP] {
        std::array::from_fn(|_| {
            let (key, slot) = self.table.look(&mut self.run_cleanup, |slot| slot.is_over(now))?;
            slot.forget(&key, owners);
            Some(slot)
        })
    }
}
