//! The steps of the contract, with the faults.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    Cursor, EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, RecordKinds,
    Store, StoreError, Stored, Version, Write,
};

use super::Mutant as M;
use super::store::{Slot, WrongStore};

impl Store for WrongStore {
    fn limits(&self) -> Limits {
        Limits::new(Self::MAX_VALUE).lists(self.lists)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        if !self.fits(record) {
            return Err(StoreError::too_large());
        }
        let key = &self.key(key);
        if self.is(M::CreateInTwoSteps) {
            let free = self.slot(&self.state(), key).is_none();
            pause().await;
            if free {
                self.state().slots.remove(key);
            }
        }
        if self.is(M::CreateInHalves) || self.is(M::CreateListsLater) {
            let mut record = self.written(record);
            if self.is(M::CreateInHalves) {
                record.data.clear();
            }
            let stored = Stored { version: Version::first(record.created), record };
            let half = Slot::Live { stored, listed: self.is(M::CreateInHalves) };
            let free = self.slot(&self.state(), key).is_none();
            self.half(free.then_some((*key, Some(half)))).await;
        }
        let state = &mut *self.state();
        state.entry_ends.insert(*key, record.absolute);
        if self.is(M::CreateBlockedByExpired) && state.slots.contains_key(key) {
            return Ok(Write::Conflict);
        }
        match self.slot(state, key) {
            Some(Slot::Live { .. }) if !self.is(M::CreateOverwrites) => return Ok(Write::Conflict),
            Some(Slot::Ended { tombstone, .. }) if !self.is(M::CreateWinsOverTombstone) => {
                return Ok(Write::Ended(tombstone.reason));
            }
            _ => {}
        }
        let Some(listed) = self.lists_entry(state, record, M::CreateHidesLostEntry) else {
            return Err(StoreError::unavailable("the list cannot be written"));
        };
        let version = self.version(state, key, true);
        let stored = Stored { version, record: self.written(record) };
        state.slots.insert(*key, Slot::Live { stored, listed });
        Ok(Write::Done(version))
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let slot = self.slot(&self.state(), &self.key(key));
        let load = match slot {
            None => Load::Absent,
            Some(Slot::Live { stored, .. }) => Load::Found(stored),
            Some(Slot::Ended { tombstone, .. }) => {
                Load::Ended { reason: tombstone.reason, until: tombstone.until }
            }
        };
        if !self.is(M::AnswersShift) {
            return Ok(load);
        }
        self.state().answers.push_back(load);
        pause().await;
        Ok(self.state().answers.pop_front().unwrap_or(Load::Absent))
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        match self.slot(&self.state(), &self.key(key)) {
            _ if !self.is(M::LoadNowIsStale) => None,
            Some(Slot::Live { stored, .. }) => Some(Load::Found(stored)),
            _ => Some(Load::Absent),
        }
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        let key = &self.key(key);
        if !self.fits(record) {
            if self.is(M::TooLargeErases) {
                self.state().slots.remove(key);
            }
            return Err(StoreError::too_large());
        }
        let mut expected = expected;
        if self.is(M::SaveInTwoSteps) {
            let read = self.slot(&self.state(), key);
            pause().await;
            if let (Some(Slot::Live { stored: read, .. }), Some(Slot::Live { stored, .. })) =
                (read, self.slot(&self.state(), key))
                && read.version == expected
            {
                expected = stored.version;
            }
        }
        if self.is(M::SaveInHalves) || self.is(M::SaveListsLater) {
            let there = self.slot(&self.state(), key);
            let half = there.and_then(|there| {
                let Slot::Live { mut stored, .. } = there else { return None };
                stored.record = self.written(record);
                let listed = self.is(M::SaveInHalves);
                if !listed {
                    stored.version = stored.version.next(record.last);
                }
                Some((*key, Some(Slot::Live { stored, listed })))
            });
            self.half(half).await;
        }
        let state = &mut *self.state();
        let mut slot = self.slot(state, key);
        if slot.is_none() && self.is(M::SaveRenewsExpired) {
            slot = state.slots.get(key).cloned();
        }
        if self.is(M::SaveRenewsOver)
            && let Some(Slot::Live { stored, .. }) = state.slots.get(key)
            && self.clock.now() < stored.record.last + stored.record.idle
        {
            slot = state.slots.get(key).cloned();
        }
        state.entry_ends.insert(*key, record.absolute);
        let mut record = self.written(record);
        let mut listed = true;
        match slot {
            None if self.is(M::SaveUpserts) => {}
            None => return Ok(Write::Conflict),
            Some(Slot::Ended { .. }) if self.is(M::SaveRevives) => {}
            Some(Slot::Ended { tombstone, .. }) => return Ok(Write::Ended(tombstone.reason)),
            Some(Slot::Live { stored, listed: was_listed }) => {
                let old = stored.record;
                let conflict = stored.version != expected && !self.is(M::SaveIgnoresVersion);
                if conflict && !self.is(M::SaveWritesOnConflict) {
                    return Ok(Write::Conflict);
                }
                match self.broken {
                    Some(M::SaveChangesOwner) => record.owner = record.owner.or(old.owner),
                    Some(M::SaveDropsOwner) if record.owner.is_none() => {}
                    _ => record.owner = old.owner.or(record.owner),
                }
                if !self.is(M::SaveChangesCreated) {
                    record.created = old.created;
                }
                if !self.is(M::SaveMovesLastBack) {
                    record.last = record.last.max(old.last);
                }
                if self.is(M::SaveOnlyLengthens) {
                    record.idle = record.idle.max(old.idle);
                    record.absolute = record.absolute.max(old.absolute);
                }
                if self.is(M::SaveKeepsDeadlines) {
                    (record.idle, record.absolute) = (old.idle, old.absolute);
                }
                listed = was_listed && !(self.is(M::SaveForgetsIndex) && old.owner != record.owner);
                if conflict {
                    let version = self.version(state, key, false);
                    let stored = Stored { version, record };
                    state.slots.insert(*key, Slot::Live { stored, listed });
                    return Ok(Write::Conflict);
                }
            }
        }
        let Some(has_entry) = self.lists_entry(state, &record, M::SaveHidesLostEntry) else {
            return Err(StoreError::unavailable("the list cannot be written"));
        };
        let version = self.version(state, key, false);
        let stored = Stored { version, record };
        state.slots.insert(*key, Slot::Live { stored, listed: listed && has_entry });
        Ok(Write::Done(version))
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let key = &self.key(key);
        if self.is(M::TouchTakesOut) {
            self.half([(*key, None)]).await;
        }
        let state = &mut *self.state();
        if self.is(M::TouchDoesNothing) {
            return Ok(());
        }
        if self.slot(state, key).is_none() && !self.is(M::TouchRevives) {
            return Ok(());
        }
        let version = self.is(M::TouchMakesVersion).then(|| self.version(state, key, false));
        if let Some(Slot::Live { stored, .. }) = state.slots.get_mut(key) {
            let last = stored.record.last;
            stored.record.last = if self.is(M::TouchMovesBack) { seen } else { last.max(seen) };
            stored.version = version.unwrap_or(stored.version);
        }
        Ok(())
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        let key = &self.key(key);
        if self.is(M::EndInHalves) {
            self.half([(*key, None)]).await;
        }
        self.mark(&mut self.state(), key, reason, keep);
        Ok(())
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        let ListParams { kinds, owner, cursor, limit, .. } = params;
        if self.is(M::ListsNot) || !self.lists {
            return Err(StoreError::unsupported());
        }
        let mut limit = limit.max(1);
        let mut entries = self.owned(&self.state(), kinds, &owner);
        let cursor = cursor.as_ref().map(|cursor| &cursor.0[..]);
        if self.is(M::CursorCounts) {
            let from = cursor
                .and_then(|it| it.try_into().ok())
                .map_or(0, |it| usize::from_le_bytes(it).min(entries.len()));
            entries.drain(..from);
            let next = (entries.len() > limit).then(|| (from + limit).to_le_bytes().to_vec());
            entries.truncate(limit);
            return Ok(Page { entries, next: next.map(|it| Cursor(it.into())) });
        }
        if let Some(after) = cursor {
            entries.retain(|entry| name(&entry.key).as_slice() > after);
        }
        if self.is(M::PageTooLong) {
            limit += 1;
        }
        let more = entries.len() > limit || self.is(M::PagesNeverEnd);
        entries.truncate(limit);
        let last = entries.last().map(|entry| name(&entry.key));
        let next = more.then(|| Cursor(last.unwrap_or_default().into()));
        Ok(Page { entries, next })
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let EndOwnedParams { kinds, owner, except, reason, keep, .. } = params;
        if !self.lists {
            return Err(StoreError::unsupported());
        }
        if self.is(M::EndOwnedForgetsFirst) {
            let owned = self.owned(&self.state(), kinds, &owner).into_iter();
            let slot = |stored| Some(Slot::Live { stored, listed: false });
            self.half(owned.map(|entry| (entry.key, slot(entry.stored)))).await;
        }
        let state = &mut *self.state();
        let kinds = if self.is(M::EndOwnedIgnoresKind) { RecordKinds::All } else { kinds };
        let except = except.filter(|_| !self.is(M::EndOwnedIgnoresExcept));
        let mut owned = self.owned(state, kinds, &owner);
        owned.retain(|entry| Some(entry.key.id) != except);
        if self.is(M::EndOwnedLeavesOne) {
            owned.pop();
        }
        for entry in &owned {
            if self.is(M::EndOwnedLeavesNothing) {
                state.slots.remove(&entry.key);
            } else {
                self.mark(state, &entry.key, reason, keep);
            }
            if self.is(M::EndOwnedLeavesData)
                && let Some(Slot::Ended { left, .. }) = state.slots.get_mut(&entry.key)
            {
                *left = entry.stored.record.data.clone();
            }
        }
        Ok(owned.len())
    }
}

impl WrongStore {
    /// Stores `halves`, lets other tasks run, and restores the previous content.
    async fn half(&self, halves: impl IntoIterator<Item = (Key, Option<Slot>)>) {
        let set = |(key, slot): (Key, Option<Slot>)| {
            let slots = &mut self.state().slots;
            let was = match slot {
                Some(slot) => slots.insert(key, slot),
                None => slots.remove(&key),
            };
            (key, was)
        };
        let were: Vec<_> = halves.into_iter().map(set).collect();
        pause().await;
        were.into_iter().map(set).for_each(drop);
    }
}

fn name(key: &Key) -> Vec<u8> {
    [&[key.kind as u8], key.id.as_bytes().as_slice()].concat()
}

/// Lets other tasks run in the middle of a step that should have been atomic.
pub(super) async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut paused, true) {
            return std::task::Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
