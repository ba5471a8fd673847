//! Makes all entries of an owner invalid at once, without looking for them.

use std::sync::atomic::{AtomicU64, Ordering};

use tower_auth_core::store::Owner;

/// How many groups of owners: who shares one with somebody whose records are ended reads theirs
/// again, and that is all.
const GROUPS: usize = 4096;

/// Each ending of an owner's records takes a number at its beginning and another at its end. An
/// entry remembers the number that was reached when its read began, and holds while its owner's
/// group has no greater one.
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

    /// Whether nothing was ended of this owner's since that number was reached.
    pub(super) fn holds(&self, owner: &Owner, reached: u64) -> bool {
        self.group(owner).load(Ordering::SeqCst) <= reached
    }

    /// From now on nothing holds that is known of this owner's records; and again when this is
    /// dropped, for what was read meanwhile.
    pub(super) fn ending(&self, owner: Owner) -> Ending<'_> {
        self.end(&owner);
        Ending { owners: self, owner }
    }

    fn end(&self, owner: &Owner) {
        let number = self.reached.fetch_add(1, Ordering::SeqCst) + 1;
        self.group(owner).fetch_max(number, Ordering::SeqCst);
    }

    fn group(&self, owner: &Owner) -> &AtomicU64 {
        // An owner is a hash: any of its bytes are as good as all.
        let [a, b, ..] = *owner.as_bytes();
        &self.groups[usize::from(u16::from_le_bytes([a, b])) % GROUPS]
    }
}

pub(super) struct Ending<'a> {
    owners: &'a Owners,
    owner: Owner,
}

impl Drop for Ending<'_> {
    /// Also where the future was dropped, or the store's answer was lost.
    fn drop(&mut self) {
        self.owners.end(&self.owner);
    }
}
