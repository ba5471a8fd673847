//! How the memory of what expired comes back: a little with every write.

use std::ops::Bound;

use tower_auth_core::Timestamp;
use tower_auth_core::store::Key;

use super::owners::Owners;
use super::shard::{Dropped, Shard};

/// How many records a write looks at, and so how many it drops at most beside its own.
///
/// Each creation is a write, so the broom comes round after one write for every four records: what
/// is over never grows beyond about a third of what lives, with no index of deadlines that every
/// touch would have to move.
pub(super) const SWEEP: usize = 4;

/// Where in its shard the sweeping goes on.
#[derive(Default)]
pub(super) struct Broom(Option<Key>);

impl Shard {
    /// Looks at the next few records and takes out those that are over.
    pub(super) fn sweep(&mut self, now: Timestamp, owners: &Owners) -> [Dropped; SWEEP] {
        let from = self.broom.0.map_or(Bound::Unbounded, Bound::Excluded);
        let mut over = [None; SWEEP];
        let (mut last, mut seen) = (None, 0);
        for ((key, slot), over) in
            self.slots.range((from, Bound::Unbounded)).take(SWEEP).zip(&mut over)
        {
            *over = slot.is_over(now).then_some(*key);
            last = Some(*key);
            seen += 1;
        }
        // At the end it begins anew: where keys only grow, each write adds one behind the
        // broom's place, and it would look at nothing else ever again.
        self.broom.0 = last.filter(|_| seen == SWEEP);
        over.map(|key| self.remove(&key?, owners))
    }
}
