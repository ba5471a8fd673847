//! A write of our own: what it leaves in the cache, however it ends.

use std::sync::Arc;

use tower_auth_core::store::Key;

use super::entries::Near;
use super::held::{Held, What};

/// While a write is under way nothing is known of its key, and no read of it is kept. When it is
/// over, well, badly, or because its future was dropped, whatever was read meanwhile is turned
/// away too: it may be from before.
pub(super) struct Writing<'a> {
    near: &'a Near,
    key: Key,
    before: Option<Arc<Held>>,
    changes: u64,
    since: u64,
    endings: u64,
    /// What the store has acknowledged.
    after: Option<What>,
}

impl Near {
    /// Before a write is sent.
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
    /// What was known of the key.
    pub(super) fn before(&self) -> Option<&What> {
        self.before.as_deref().map(|held| &held.what)
    }

    /// The write was done, and the store now holds this: kept, unless others wrote meanwhile.
    pub(super) fn done(mut self, after: What) {
        self.after = Some(after);
    }

    /// The write was done, but says nothing new of the rest of what was known before: this gets no
    /// younger by it.
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
