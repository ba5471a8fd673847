//! The cache itself: hits, fills, invalidations.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;
use tower_auth_core::Clock;
use tower_auth_core::store::{Asked, Key, Listener, Load};

use super::cached_entry::{Bytewise, CachedEntry, CachedLoad};
use super::feed_liveness::FeedLiveness;
use super::key_locks::KeyLocks;
use super::owners::Owners;
use super::record_clock::RecordClock;
use super::uptime::Uptime;
use crate::store::key_hasher::KeyHasher;

pub(super) type Entries = Cache<Key, Arc<CachedEntry>, Bytewise, KeyHasher>;

/// The known records of the store, and the rules for how long they may be served.
pub(super) struct Near {
    pub(super) entries: Entries,
    pub(super) key_locks: KeyLocks,
    pub(super) owners: Owners,
    /// The feed's liveness. `None` without a feed, if a bounded staleness is set.
    pub(super) liveness: Option<FeedLiveness>,
    /// The maximum age of an entry, in microseconds.
    pub(super) max_age: u64,
    pub(super) clock: Clock,
    /// The same clock, for hits.
    pub(super) record_clock: RecordClock,
    pub(super) uptime: Uptime,
    /// The time at which the feed was last lost. Locked while a report of the feed about itself is
    /// processed.
    pub(super) lost: Mutex<u64>,
}

/// A read in progress. When its answer arrives, the cache decides whether to keep it.
pub(super) struct Reading {
    changes: u64,
    since: u64,
    endings: u64,
}

impl Near {
    /// Returns the answer from memory. The entry is taken before the clock is read: a thread that
    /// sleeps in between checks later, never too early.
    pub(super) fn hit(&self, key: &Key) -> Option<Load> {
        let entry = self.entries.get(key)?;
        let now = self.uptime.now();
        if self.is_fresh_at(&entry, now) {
            entry.what.answer(self.record_clock.at(now))
        } else {
            None
        }
    }

    /// Returns `true` if the entry may be served, apart from the record's own deadline.
    #[inline]
    pub(super) fn is_fresh(&self, entry: &CachedEntry) -> bool {
        self.is_fresh_at(entry, self.uptime.now())
    }

    fn is_fresh_at(&self, entry: &CachedEntry, now: u64) -> bool {
        let owner = match &entry.what {
            CachedLoad::Found(stored) => stored.record.owner.as_ref(),
            CachedLoad::Absent | CachedLoad::Ended { .. } => None,
        };
        self.is_alive(now)
            && now.saturating_sub(entry.since) < self.max_age
            && owner.is_none_or(|owner| self.owners.holds(owner, entry.endings))
    }

    /// Returns `true` if the cache receives changes, or needs none.
    pub(super) fn is_alive(&self, now: u64) -> bool {
        self.liveness.as_ref().is_none_or(|liveness| liveness.is_alive(now))
    }

    /// Starts a read. Returns `None` if its answer could not be kept.
    pub(super) fn begin(&self, key: &Key) -> Option<Reading> {
        let since = self.uptime.now();
        if !self.is_alive(since) {
            return None;
        }
        let endings = self.owners.reached();
        let key_lock = self.key_locks.of(key);
        (key_lock.writing == 0).then_some(Reading { changes: key_lock.changes, since, endings })
    }

    /// Keeps a read's answer, unless the key has changed since the read began.
    pub(super) fn land(&self, key: &Key, reading: Reading, load: &Load) {
        // The copy is made before the lock is taken.
        let Reading { changes, since, endings } = reading;
        let fresh = Arc::new(CachedEntry { what: CachedLoad::of(load), since, endings });
        let key_lock = self.key_locks.of(key);
        if key_lock.changes != changes || key_lock.writing > 0 {
            return;
        }
        let present = self.entries.peek(key).filter(|entry| self.is_fresh(entry));
        match present.as_deref().map(|entry| &entry.what) {
            None => self.entries.insert(*key, fresh),
            Some(present) if is_newer(&fresh.what, present) => self.entries.insert(*key, fresh),
            // A concurrent read has returned something newer.
            Some(present) if is_newer(present, &fresh.what) => {}
            // One read found a record and the other did not. Their order is unknown.
            Some(_) => {
                self.entries.remove(key);
            }
        }
    }

    fn empty(&self) {
        self.key_locks.change_all();
        self.entries.clear();
    }
}

/// Returns `true` if `this` may replace `than`: older never replaces newer. If versions are equal,
/// the later use is newer. A tombstone's deadline only grows.
fn is_newer(this: &CachedLoad, than: &CachedLoad) -> bool {
    match (this, than) {
        (CachedLoad::Found(this), CachedLoad::Found(than)) => {
            (this.version, this.record.last) >= (than.version, than.record.last)
        }
        (CachedLoad::Absent, CachedLoad::Absent) => true,
        (CachedLoad::Ended { until: this, .. }, CachedLoad::Ended { until: than, .. }) => {
            this >= than
        }
        _ => false,
    }
}

impl Listener for Near {
    fn changed(&self, key: &Key) {
        let mut key_lock = self.key_locks.of(key);
        key_lock.changes += 1;
        self.entries.remove(key);
    }

    fn lost(&self) {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        *lost = self.uptime.now();
        if let Some(liveness) = &self.liveness {
            liveness.stop();
        }
        self.empty();
    }

    fn asks(&self) -> Asked {
        Asked::at(self.uptime.now())
    }

    fn answered(&self, asked: Asked) {
        let Some(liveness) = &self.liveness else { return };
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        // The answer belongs to a connection that was lost meanwhile, or the reading is not from
        // this clock.
        if asked.reading() < *lost || asked.reading() > self.uptime.now() {
            return;
        }
        // After a silence, changes may also have been delayed, so the cache starts empty.
        if !liveness.is_alive(self.uptime.now()) {
            self.empty();
        }
        liveness.beat(asked.reading());
    }
}
