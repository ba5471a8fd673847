//! The locks that keep the answer of an older read from replacing something newer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tower_auth_core::store::Key;

/// The number of groups of keys. A change to one key discards the reads in progress of its whole
/// group, which costs a hit at worst. With 10,000 changes a second and a millisecond for a read,
/// that is one read in a hundred.
const KEY_LOCKS: usize = 1024;

/// The locks. Every insertion and removal of an entry holds the lock of its key. Hits take no
/// lock.
pub(super) struct KeyLocks(Box<[Mutex<KeyLock>]>);

#[derive(Default)]
pub(super) struct KeyLock {
    /// The number of invalidations, from any cause.
    pub(super) changes: u64,
    /// The number of this node's writes in progress.
    pub(super) writing: usize,
}

impl KeyLocks {
    pub(super) fn new() -> Self {
        Self((0..KEY_LOCKS).map(|_| Mutex::default()).collect())
    }

    pub(super) fn of(&self, key: &Key) -> MutexGuard<'_, KeyLock> {
        let [a, b, ..] = *key.id.as_bytes();
        let group = u16::from_le_bytes([a, b]) ^ (u16::from(key.kind as u8) << 8);
        lock(&self.0[usize::from(group) % KEY_LOCKS])
    }

    /// Discards the answers of all reads and writes in progress.
    pub(super) fn change_all(&self) {
        for key_lock in &self.0 {
            lock(key_lock).changes += 1;
        }
    }
}

/// Takes the lock even if it is poisoned: its value is two numbers, and nothing panics between
/// their changes.
fn lock(key_lock: &Mutex<KeyLock>) -> MutexGuard<'_, KeyLock> {
    key_lock.lock().unwrap_or_else(PoisonError::into_inner)
}
