//! Invalidation of all entries of an owner at once, without searching for them.

use std::sync::atomic::{AtomicU64, Ordering};

use tower_auth_core::store::Owner;

/// The number of groups of owners. If an owner's records are ended, the entries of other owners in
/// the same group are read again; there is no other effect.
const GROUPS: usize = 4096;

/// Numbers of the endings of owners' records.
///
/// Each ending takes a number when it starts and another when it finishes. An entry stores the
/// number that was reached when its read began. The entry is valid while its owner's group has no
/// greater number.
pub(super) struct Owners {
    reached: AtomicU64,
    groups: Box<[AtomicU64]>,
}

impl Owners {
    pub(super) fn new() -> Self {
        let groups = (0..GROUPS).map(|_| AtomicU64::new(0)).collect();
        Self { reached: AtomicU64::new(0), groups }
    }

    pub(super) fn reached(&self) -> u64 {
        self.reached.load(Ordering::SeqCst)
    }

    /// Returns `true` if no ending has affected this owner since that number was reached.
    pub(super) fn holds(&self, owner: &Owner, reached: u64) -> bool {
        self.group(owner).load(Ordering::SeqCst) <= reached
    }

    /// Invalidates the known records of this owner now, and again when the result is dropped, for
    /// records that were read meanwhile.
    pub(super) fn ending(&self, owner: Owner) -> Ending<'_> {
        self.end(&owner);
        Ending { owners: self, owner }
    }

    fn end(&self, owner: &Owner) {
        let number = self.reached.fetch_add(1, Ordering::SeqCst) + 1;
        self.group(owner).fetch_max(number, Ordering::SeqCst);
    }

    fn group(&self, owner: &Owner) -> &AtomicU64 {
        // An owner is a hash, so any of its bytes are evenly distributed.
        let [a, b, ..] = *owner.as_bytes();
        &self.groups[usize::from(u16::from_le_bytes([a, b])) % GROUPS]
    }
}

pub(super) struct Ending<'a> {
    owners: &'a Owners,
    owner: Owner,
}

impl Drop for Ending<'_> {
    /// Also runs if the future was dropped, or if the store's answer was lost.
    fn drop(&mut self) {
        self.owners.end(&self.owner);
    }
}
