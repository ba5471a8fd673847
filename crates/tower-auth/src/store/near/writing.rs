//! A write by this node, and its effect on the cache for every outcome.

use std::sync::Arc;

use tower_auth_core::store::Key;

use super::entries::Near;
use super::held::{Held, What};

/// A write in progress. Meanwhile nothing is known of its key, and no read of the key is kept.
///
/// When the write is over, because it succeeded, failed or its future was dropped, reads that began
/// meanwhile are discarded too: they may show the state before it.
pub(super) struct Writing<'a> {
    near: &'a Near,
    key: Key,
    before: Option<Arc<Held>>,
    changes: u64,
    since: u64,
    endings: u64,
    /// The state that the store has acknowledged.
    after: Option<What>,
}

impl Near {
    /// Starts a write, before it is sent.
    pub(super) fn writing(&self, key: &Key) -> Writing<'_> {
        let (since, endings) = (self.uptime.now(), self.owners.reached());
        let (before, changes) = {
            let mut stripe = self.stripes.of(key);
            stripe.changes += 1;
            stripe.writing += 1;
            (self.entries.remove(key), stripe.changes)
        };
        let before = before.map(|(_, held)| held).filter(|held| self.is_fresh(held));
        Writing { near: self, key: *key, before, changes, since, endings, after: None }
    }
}

impl Writing<'_> {
    /// Returns what was known of the key.
    pub(super) fn before(&self) -> Option<&What> {
        self.before.as_deref().map(|held| &held.what)
    }

    /// Records that the write succeeded and the store now holds `after`. The cache keeps it, unless
    /// others wrote meanwhile.
    pub(super) fn done(mut self, after: What) {
        self.after = Some(after);
    }

    /// Records that the write succeeded, but confirmed nothing else of the known state. The entry
    /// therefore keeps its age.
    pub(super) fn amended(mut self, after: What) {
        if let Some(before) = &self.before {
            (self.since, self.endings) = (before.since, before.endings);
        }
        self.after = Some(after);
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let Self { near, key, changes, since, endings, .. } = *self;
        let after = self.after.take().map(|what| Arc::new(Held { what, since, endings }));
        let mut stripe = near.stripes.of(&key);
        let alone = stripe.changes == changes && stripe.writing == 1;
        stripe.changes += 1;
        stripe.writing -= 1;
        match after {
            Some(after) if alone && near.is_fresh(&after) => near.entries.insert(key, after),
            _ => {
                near.entries.remove(&key);
            }
        }
    }
}
