//! A write by this node, and its effect on the cache for every outcome.

use std::sync::Arc;

use tower_auth_core::store::Key;

use super::cached_entry::{CachedEntry, CachedLoad};
use super::entries::Near;

/// A write in progress. Meanwhile nothing is known of its key, and no read of the key is kept.
///
/// Reads that began during the write are also discarded when it ends, whether it succeeded, failed
/// or its future was dropped: they may show the state before it.
pub(super) struct Writing<'a> {
    near: &'a Near,
    key: Key,
    before: Option<Arc<CachedEntry>>,
    changes: u64,
    since: u64,
    endings: u64,
    /// The state that the store has acknowledged.
    after: Option<CachedLoad>,
}

impl Near {
    /// Starts a write, before it is sent.
    pub(super) fn writing(&self, key: &Key) -> Writing<'_> {
        let (since, endings) = (self.uptime.now(), self.owners.reached());
        let (before, changes) = {
            let mut key_lock = self.key_locks.of(key);
            key_lock.changes += 1;
            key_lock.writing += 1;
            (self.entries.remove(key), key_lock.changes)
        };
        let before = before.map(|(_, entry)| entry).filter(|entry| self.is_fresh(entry));
        Writing { near: self, key: *key, before, changes, since, endings, after: None }
    }
}

impl Writing<'_> {
    /// Returns what was known of the key.
    pub(super) fn before(&self) -> Option<&CachedLoad> {
        self.before.as_deref().map(|entry| &entry.what)
    }

    /// Records that the write succeeded and the store now holds `after`. The cache keeps it, unless
    /// others wrote meanwhile.
    pub(super) fn done(mut self, after: CachedLoad) {
        self.after = Some(after);
    }

    /// Records that the write succeeded, but confirmed nothing else of the known state. The entry
    /// therefore keeps its age.
    pub(super) fn amended(mut self, after: CachedLoad) {
        if let Some(before) = &self.before {
            (self.since, self.endings) = (before.since, before.endings);
        }
        self.after = Some(after);
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let Self { near, key, changes, since, endings, .. } = *self;
        let after = self.after.take().map(|what| Arc::new(CachedEntry { what, since, endings }));
        let mut key_lock = near.key_locks.of(&key);
        let alone = key_lock.changes == changes && key_lock.writing == 1;
        key_lock.changes += 1;
        key_lock.writing -= 1;
        match after {
            Some(after) if alone && near.is_fresh(&after) => near.entries.insert(key, after),
            _ => {
                near.entries.remove(&key);
            }
        }
    }
}
