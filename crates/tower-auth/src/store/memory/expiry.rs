//! How the memory of what expired comes back: a little with every write.

use tower_auth_core::Timestamp;

use super::owners::Owners;
use super::shard::Shard;
use super::slot::Dropped;

/// How many records a write looks at, and so how many it drops at most beside its own.
///
/// Each creation is a write, so the broom comes round after one write for every four records: what
/// is over never grows beyond about a third of what lives, with no index of deadlines that every
/// touch would have to move.
pub(super) const SWEEP: usize = 4;

impl Shard {
    /// Looks at the next few records and takes out those that are over.
    pub(super) fn sweep(&mut self, now: Timestamp, owners: &Owners) -> [Dropped; SWEEP] {
        std::array::from_fn(|_| {
            let (key, slot) = self.table.look(&mut self.broom, |slot| slot.is_over(now))?;
            slot.forget(&key, owners);
            Some(slot)
        })
    }
}
