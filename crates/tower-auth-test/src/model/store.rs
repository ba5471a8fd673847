//! One map under one lock.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::store::{
    Cursor, Entry, Handle, Key, Kind, Kinds, Limits, Load, Owner, Page, Reason, Record, Store,
    StoreError, Stored, Tombstone, Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

use super::Mutant;

/// The contract in its simplest form: for comparison, and for tests of tests.
pub struct ModelStore {
    clock: Clock,
    broken: Option<Mutant>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    slots: BTreeMap<Key, Slot>,
    /// For ever: this is a model.
    versions: HashMap<Key, Version>,
}

#[derive(Clone)]
enum Slot {
    Live { stored: Stored, listed: bool },
    Ended { tombstone: Tombstone, owner: Option<Owner> },
}

use Mutant as M;

impl ModelStore {
    /// How many bytes a record's `meta` and `data` may have together.
    pub const MAX_VALUE: usize = 4096;

    /// An empty store that keeps every promise.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, broken: None, state: Mutex::default() }
    }

    /// An empty store that breaks one promise.
    #[must_use]
    pub fn broken(clock: Clock, promise: Mutant) -> Self {
        Self { broken: Some(promise), ..Self::new(clock) }
    }

    fn is(&self, mutant: Mutant) -> bool {
        self.broken == Some(mutant)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_live(&self, record: &Record) -> bool {
        let mut record = record.clone();
        if self.is(M::NeverIdle) {
            record.idle = Duration::MAX;
        }
        if self.is(M::NeverOver) {
            record.absolute = Timestamp::MAX;
        }
        let (now, ends) = (self.clock.now(), record.expires_at());
        match self.broken {
            Some(M::ExpiresLate) => now <= ends,
            Some(M::ExpiresEarly) => now + Duration::from_micros(1) < ends,
            _ => record.is_live(now),
        }
    }

    /// What is there now: what expired is not.
    fn slot(&self, state: &State, key: &Key) -> Option<Slot> {
        let slot = state.slots.get(key)?;
        let there = match slot {
            Slot::Live { stored, .. } => self.is_live(&stored.record),
            Slot::Ended { tombstone, .. } => {
                self.clock.now() < tombstone.until || self.is(M::TombstoneStays)
            }
        };
        there.then(|| slot.clone())
    }

    fn version(&self, state: &mut State, key: &Key, restart: bool) -> Version {
        let now = self.clock.now();
        let last = state.versions.get(key).copied();
        let version = match last {
            _ if self.is(M::VersionIsClock) => Version::first(now),
            _ if restart && self.is(M::VersionRestarts) => Version::first(now),
            None => Version::first(now),
            Some(last) => last.next(now),
        };
        state.versions.insert(*key, version);
        version
    }

    fn fits(&self, record: &Record) -> bool {
        let len = record.meta.len() + record.data.len();
        match self.broken {
            Some(M::TakesTooLarge) => true,
            Some(M::RefusesLargest) => len < Self::MAX_VALUE,
            _ => len <= Self::MAX_VALUE,
        }
    }

    fn written(&self, record: &Record) -> Record {
        let mut record = record.clone();
        match self.broken {
            Some(M::ForgetsJson) => record.data_is_json = false,
            Some(M::DataIsText) => {
                record.data = String::from_utf8_lossy(&record.data).into_owned().into();
            }
            Some(M::MetaRunsIntoData) if record.data.is_empty() => {
                (record.meta, record.data) = (Bytes::new(), record.meta.clone());
            }
            Some(M::WholeSeconds) => {
                for moment in [&mut record.created, &mut record.last, &mut record.absolute] {
                    *moment = Timestamp::from_unix_seconds(moment.as_unix_seconds());
                }
            }
            _ => {}
        }
        record
    }

    fn key(&self, key: &Key) -> Key {
        let mut bytes = *key.handle.as_bytes();
        match self.broken {
            Some(M::KeyEndsAtZero) => {
                let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
                bytes[end..].fill(0);
            }
            Some(M::KeyHasNoCase) => bytes.make_ascii_lowercase(),
            Some(M::KeyIsTrimmed) => {
                let len = bytes.trim_ascii_end().len();
                bytes[len..].fill(0);
            }
            _ => {}
        }
        let kind = if self.is(M::KindsShare) { Kind::Session } else { key.kind };
        Key::new(kind, Handle::new(bytes))
    }

    fn mark(&self, state: &mut State, key: &Key, reason: Reason, keep: Duration) {
        let reason = if self.is(M::EndForgetsReason) { Reason::LoggedOut } else { reason };
        let mut tombstone = Tombstone { reason, until: self.clock.now() + keep };
        let mut owner = None;
        match self.slot(state, key) {
            None if self.is(M::EndNeedsRecord) => return,
            None => {}
            Some(Slot::Live { stored, .. }) => owner = stored.record.owner,
            Some(Slot::Ended { tombstone: first, .. }) => {
                if !self.is(M::EndChangesReason) {
                    tombstone.reason = first.reason;
                }
                tombstone.until = match self.broken {
                    Some(M::EndShortens) => tombstone.until,
                    Some(M::EndNeverLengthens) => first.until,
                    _ => tombstone.until.max(first.until),
                };
            }
        }
        state.slots.insert(*key, Slot::Ended { tombstone, owner });
        if self.is(M::EndLeavesNothing) {
            state.slots.remove(key);
        }
    }

    /// All of an owner's records, in the order of their keys.
    fn owned(&self, state: &State, kinds: Kinds, owner: &Owner) -> Vec<Entry> {
        let dead = |key: &Key| self.slot(state, key).is_none();
        let entry = |(key, slot): (&Key, &Slot)| match slot {
            Slot::Live { stored, listed } => {
                let shown = *listed
                    && (!dead(key) || self.is(M::ListShowsExpired))
                    && (stored.record.owner.as_ref() == Some(owner)
                        || self.is(M::ListIgnoresOwner));
                shown.then(|| Entry { key: *key, stored: stored.clone() })
            }
            Slot::Ended { owner: its, .. } if self.is(M::ListShowsEnded) => {
                (its.as_ref() == Some(owner)).then(|| Entry { key: *key, stored: nothing(*owner) })
            }
            Slot::Ended { .. } => None,
        };
        let mut owned: Vec<_> = state.slots.iter().filter_map(entry).collect();
        if !self.is(M::ListIgnoresKind) {
            owned.retain(|entry| kinds.contains(entry.key.kind));
        }
        owned
    }
}

impl Store for ModelStore {
    fn limits(&self) -> Limits {
        Limits::new(Self::MAX_VALUE)
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
        let state = &mut *self.state();
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
        let version = self.version(state, key, true);
        let stored = Stored { version, record: self.written(record) };
        state.slots.insert(*key, Slot::Live { stored, listed: true });
        Ok(Write::Done(version))
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let slot = self.slot(&self.state(), &self.key(key));
        Ok(match slot {
            None => Load::Absent,
            Some(Slot::Live { stored, .. }) => Load::Found(stored),
            Some(Slot::Ended { tombstone, .. }) => Load::Ended(tombstone.reason),
        })
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
        let state = &mut *self.state();
        let mut slot = self.slot(state, key);
        if slot.is_none() && self.is(M::SaveRenewsExpired) {
            slot = state.slots.get(key).cloned();
        }
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
        let version = self.version(state, key, false);
        let stored = Stored { version, record };
        state.slots.insert(*key, Slot::Live { stored, listed });
        Ok(Write::Done(version))
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let key = &self.key(key);
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

    async fn end(&self, key: &Key, reason: Reason, keep: Duration) -> Result<(), StoreError> {
        self.mark(&mut self.state(), &self.key(key), reason, keep);
        Ok(())
    }

    async fn list(
        &self,
        kinds: Kinds,
        owner: &Owner,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        if self.is(M::ListsNot) {
            return Err(StoreError::unsupported());
        }
        let mut limit = limit.max(1);
        let mut entries = self.owned(&self.state(), kinds, owner);
        let cursor = cursor.map(|cursor| &cursor.0[..]);
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

    async fn end_owned(
        &self,
        kinds: Kinds,
        owner: &Owner,
        except: Option<&Handle>,
        reason: Reason,
        keep: Duration,
    ) -> Result<usize, StoreError> {
        let state = &mut *self.state();
        let kinds = if self.is(M::EndOwnedIgnoresKind) { Kinds::All } else { kinds };
        let except = except.filter(|_| !self.is(M::EndOwnedIgnoresExcept));
        let mut owned = self.owned(state, kinds, owner);
        owned.retain(|entry| Some(&entry.key.handle) != except);
        if self.is(M::EndOwnedLeavesOne) {
            owned.pop();
        }
        for entry in &owned {
            if self.is(M::EndOwnedLeavesNothing) {
                state.slots.remove(&entry.key);
            } else {
                self.mark(state, &entry.key, reason, keep);
            }
        }
        Ok(owned.len())
    }
}

fn name(key: &Key) -> Vec<u8> {
    [&[key.kind as u8], key.handle.as_bytes().as_slice()].concat()
}

fn nothing(owner: Owner) -> Stored {
    let record = Record {
        owner: Some(owner),
        created: Timestamp::MAX,
        last: Timestamp::MAX,
        idle: Duration::ZERO,
        absolute: Timestamp::MAX,
        meta: Bytes::new(),
        data: Bytes::new(),
        data_is_json: false,
    };
    Stored { version: Version::from_raw(0), record }
}

/// Lets others in between two steps that should have been one.
async fn pause() {
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
