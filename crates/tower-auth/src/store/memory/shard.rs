//! A shard: the steps of the contract on the records that belong to it.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndReason, Load, Owner, Tombstone, Version, Write};

use super::live::Live;
use super::owners::Owners;
use super::slot::{Dropped, Slot};
use super::table::{Hashed, Position, Table};

pub(super) struct Shard {
    pub(super) table: Table,
    /// The greatest version assigned in this shard. Each new version is greater, so a version never
    /// repeats for a key. This holds even long after its tombstone has expired, and if the clock
    /// stood still or went back.
    newest: Version,
    /// The position at which the next sweep continues.
    pub(super) run_cleanup: Position,
}

impl Default for Shard {
    fn default() -> Self {
        Self {
            table: Table::default(),
            newest: Version::from_raw(0),
            run_cleanup: Position::default(),
        }
    }
}

impl Shard {
    pub(super) fn create(
        &mut self,
        at: Hashed<'_>,
        mut fresh: Live,
        now: Timestamp,
        owners: &Owners,
    ) -> (Write, Dropped) {
        match self.table.get(at) {
            Some(slot) if slot.is_over(now) => {}
            Some(Slot::Live(_)) => return (Write::Conflict, None),
            Some(Slot::Ended(tombstone)) => return (Write::Ended(tombstone.reason), None),
            None => {}
        }
        let dropped = self.remove(at, owners);
        self.newest = self.newest.next(now);
        fresh.version = self.newest;
        if let Some(owner) = fresh.owner() {
            owners.insert(&owner, at.key);
        }
        self.table.insert(at, Slot::Live(fresh));
        (Write::Done(self.newest), dropped)
    }

    pub(super) fn load(
        &mut self,
        at: Hashed<'_>,
        now: Timestamp,
        owners: &Owners,
    ) -> (Load, Dropped) {
        match self.table.get(at) {
            Some(slot) if slot.is_over(now) => (Load::Absent, self.remove(at, owners)),
            Some(Slot::Live(live)) => (Load::Found(live.stored()), None),
            Some(Slot::Ended(tombstone)) => {
                (Load::Ended { reason: tombstone.reason, until: tombstone.until }, None)
            }
            None => (Load::Absent, None),
        }
    }

    pub(super) fn save(
        &mut self,
        at: Hashed<'_>,
        expected: Version,
        fresh: Live,
        now: Timestamp,
        owners: &Owners,
    ) -> (Write, Dropped) {
        let live = match self.table.get_mut(at) {
            None => return (Write::Conflict, None),
            Some(slot) if slot.is_over(now) => return (Write::Conflict, None),
            Some(Slot::Ended(tombstone)) => return (Write::Ended(tombstone.reason), None),
            Some(Slot::Live(live)) if live.version != expected => {
                return (Write::Conflict, None);
            }
            Some(Slot::Live(live)) => live,
        };
        self.newest = self.newest.next(now);
        let mut fresh = fresh.succeeding(live);
        fresh.version = self.newest;
        if let (None, Some(owner)) = (live.owner(), fresh.owner()) {
            owners.insert(&owner, at.key);
        }
        let old = std::mem::replace(live, fresh);
        (Write::Done(self.newest), Some(Slot::Live(old)))
    }

    pub(super) fn touch(&mut self, at: Hashed<'_>, seen: Timestamp, now: Timestamp) {
        if let Some(Slot::Live(live)) = self.table.get_mut(at)
            && live.is_live(now)
        {
            live.last = live.last.max(seen);
        }
    }

    /// Ends the record. With `of`, ends it only if it is live and belongs to that owner. Returns
    /// `true` if a live record was ended.
    pub(super) fn end(
        &mut self,
        at: Hashed<'_>,
        of: Option<&Owner>,
        reason: EndReason,
        keep: Duration,
        now: Timestamp,
        owners: &Owners,
    ) -> (bool, Dropped) {
        let mut tombstone = Tombstone { reason, until: now + keep, version: self.newest };
        let mut was_live = false;
        match self.table.get(at) {
            Some(slot) if slot.is_over(now) => {}
            Some(Slot::Live(live)) if of.is_none() || live.owner().as_ref() == of => {
                was_live = true;
            }
            Some(Slot::Ended(first)) => {
                tombstone.reason = first.reason;
                tombstone.until = tombstone.until.max(first.until);
            }
            Some(Slot::Live(_)) | None => {}
        }
        if of.is_some() && !was_live {
            return (false, None);
        }
        let dropped = self.remove(at, owners);
        if now < tombstone.until {
            self.table.insert(at, Slot::Ended(tombstone));
        }
        (was_live, dropped)
    }

    /// Removes the slot, together with the record's entry in the index.
    pub(super) fn remove(&mut self, at: Hashed<'_>, owners: &Owners) -> Dropped {
        let slot = self.table.remove(at)?;
        slot.forget(at.key, owners);
        Some(slot)
    }
}
