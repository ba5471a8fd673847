//! The state of the faulty store: one map under one lock.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::store::{
    EndReason, Entry, Key, Load, Owner, Record, RecordId, RecordKind, RecordKinds, Stored,
    Tombstone, Version,
};
use tower_auth_core::{Clock, Timestamp};

use super::Mutant;

/// The contract in one map, with a place to break each promise.
pub(crate) struct WrongStore {
    pub(super) clock: Clock,
    pub(super) broken: Option<Mutant>,
    /// A store that cannot list is correct if its limits say so.
    pub(super) lists: bool,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) slots: BTreeMap<Key, Slot>,
    /// Kept forever: this is a model.
    versions: HashMap<Key, Version>,
    /// Answers of loads, in the order of the requests.
    pub(super) answers: VecDeque<Load>,
    /// The owners whose lists cannot be written.
    pub(super) broken_lists: BTreeSet<Owner>,
    /// The expiry of a list or an entry, for the faults that ignore the other deadlines.
    pub(super) list_ends: HashMap<Owner, Timestamp>,
    pub(super) entry_ends: HashMap<Key, Timestamp>,
}

#[derive(Clone)]
pub(super) enum Slot {
    Live {
        stored: Stored,
        listed: bool,
    },
    /// A tombstone, with the bytes of the record that an end has wrongly kept.
    Ended {
        tombstone: Tombstone,
        owner: Option<Owner>,
        left: Bytes,
    },
}

use Mutant as M;

impl WrongStore {
    pub(crate) const MAX_VALUE: usize = 4096;

    /// Creates an empty store that breaks the given promise, or none.
    pub(crate) fn new(clock: Clock, broken: Option<Mutant>) -> Self {
        Self { clock, broken, lists: true, state: Mutex::default() }
    }

    /// Creates an empty store that keeps every promise and cannot list.
    pub(crate) fn listless(clock: Clock) -> Self {
        Self { lists: false, ..Self::new(clock, None) }
    }

    pub(super) fn is(&self, mutant: Mutant) -> bool {
        self.broken == Some(mutant)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_live(&self, record: &Record) -> bool {
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
            Some(M::ExpiresByMilliseconds) => {
                now.as_unix_micros() / 1_000 < ends.as_unix_micros() / 1_000
            }
            Some(M::NeverIsPast) => {
                let idle = record.idle.as_micros() as u64;
                let idle = record.last.as_unix_micros().wrapping_add(idle);
                now.as_unix_micros() < idle.min(record.absolute.as_unix_micros())
            }
            Some(M::ExpiresEarly) => now + Duration::from_micros(1) < ends,
            _ => record.is_live(now),
        }
    }

    /// Returns the current content of a key; an expired record counts as absent.
    pub(super) fn slot(&self, state: &State, key: &Key) -> Option<Slot> {
        let slot = state.slots.get(key)?;
        let there = match slot {
            Slot::Live { stored, .. } => self.is_live(&stored.record),
            Slot::Ended { tombstone, .. } => {
                self.clock.now() < tombstone.until || self.is(M::TombstoneStays)
            }
        };
        there.then(|| slot.clone())
    }

    pub(super) fn version(&self, state: &mut State, key: &Key, restart: bool) -> Version {
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

    pub(super) fn fits(&self, record: &Record) -> bool {
        let len = record.meta.len() + record.data.len();
        match self.broken {
            Some(M::TakesTooLarge) => true,
            Some(M::RefusesLargest) => len < Self::MAX_VALUE,
            _ => len <= Self::MAX_VALUE,
        }
    }

    pub(super) fn written(&self, record: &Record) -> Record {
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

    pub(super) fn key(&self, key: &Key) -> Key {
        let mut bytes = *key.id.as_bytes();
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
        let kind = if self.is(M::KindsShare) { RecordKind::Session } else { key.kind };
        Key::new(kind, RecordId::new(bytes))
    }

    pub(super) fn mark(&self, state: &mut State, key: &Key, reason: EndReason, keep: Duration) {
        let reason = if self.is(M::EndForgetsReason) { EndReason::LoggedOut } else { reason };
        let mut tombstone = Tombstone {
            reason,
            until: self.clock.now() + keep,
            // This store keeps its versions in a separate map.
            version: Version::from_raw(0),
        };
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
        let left = self.left(state.slots.get(key));
        state.slots.insert(*key, Slot::Ended { tombstone, owner, left });
        if self.is(M::EndLeavesNothing) {
            state.slots.remove(key);
        }
    }

    /// Returns the bytes of the record that an end keeps beside the tombstone.
    fn left(&self, slot: Option<&Slot>) -> Bytes {
        let record = match slot {
            Some(Slot::Live { stored, .. }) => &stored.record,
            Some(Slot::Ended { left, .. }) => return left.clone(),
            None => return Bytes::new(),
        };
        match self.broken {
            Some(M::EndLeavesMeta) => record.meta.clone(),
            Some(M::EndLeavesData) => record.data.clone(),
            Some(M::EndLeavesExpired) if !self.is_live(record) => record.data.clone(),
            Some(M::EndLeavesOwner) => {
                record.owner.map_or(Bytes::new(), |owner| Bytes::copy_from_slice(owner.as_bytes()))
            }
            _ => Bytes::new(),
        }
    }

    /// Returns whether a write with this owner has its list entry, or `None` if the fault makes the
    /// write fail.
    pub(super) fn lists_entry(
        &self,
        state: &mut State,
        record: &Record,
        hides: Mutant,
    ) -> Option<bool> {
        let Some(owner) = record.owner else { return Some(true) };
        if state.broken_lists.contains(&owner) {
            return self.is(hides).then_some(false);
        }
        state.list_ends.insert(owner, record.absolute);
        Some(true)
    }

    /// Returns whether the faults about the expiry of lists and entries hide this record.
    fn is_off_the_list(&self, state: &State, key: &Key, record: &Record) -> bool {
        let end = match self.broken {
            Some(M::ListEndsWithLastWrite) => {
                record.owner.and_then(|owner| state.list_ends.get(&owner))
            }
            Some(M::EntryEndsWithRefusedWrite) => state.entry_ends.get(key),
            _ => None,
        };
        end.is_some_and(|end| self.clock.now() >= *end)
    }

    /// Returns all of an owner's records, in the order of their keys.
    pub(super) fn owned(&self, state: &State, kinds: RecordKinds, owner: &Owner) -> Vec<Entry> {
        let dead = |key: &Key| self.slot(state, key).is_none();
        let entry = |(key, slot): (&Key, &Slot)| match slot {
            Slot::Live { stored, listed } => {
                let record = &stored.record;
                let left = self.is(M::ListForgetsTouched)
                    && self.clock.now() >= record.created + record.idle;
                let shown = *listed
                    && !left
                    && !self.is_off_the_list(state, key, record)
                    && (!dead(key) || self.is(M::ListShowsExpired))
                    && (record.owner.as_ref() == Some(owner) || self.is(M::ListIgnoresOwner));
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
