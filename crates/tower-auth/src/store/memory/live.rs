//! A live record as it lies in memory: 80 bytes, and one allocation for the rest.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Owner, Record, Stored, Version};

use super::block;

pub(super) struct Live {
    pub(super) version: Version,
    created: Timestamp,
    pub(super) last: Timestamp,
    /// In microseconds: a `Duration` is twice as large, and no more exact than the clock.
    idle: u64,
    absolute: Timestamp,
    /// Owner, if `owned`; meta; data. Copied once when written, so that a record never keeps
    /// alive the buffer that it was cut from; shared, not copied, by every load.
    value: Bytes,
    meta_len: u32,
    owned: bool,
    json: bool,
}

const OWNER: usize = 32;

impl Live {
    /// So that every length fits the 32 bits that it is kept in.
    pub(super) const MAX_VALUE: usize = u32::MAX as usize - OWNER;

    /// The record with that owner; its version is set when it is put in.
    pub(super) fn new(record: &Record, owner: Option<&Owner>) -> Self {
        let owned = owner.map_or(&[][..], |owner| owner.as_bytes());
        Self {
            version: Version::from_raw(0),
            created: record.created,
            last: record.last,
            idle: u64::try_from(record.idle.as_micros()).unwrap_or(u64::MAX),
            absolute: record.absolute,
            value: block::joined([owned, &record.meta, &record.data]),
            // It fits: the store's limit is at most MAX_VALUE.
            meta_len: record.meta.len() as u32,
            owned: owner.is_some(),
            json: record.data_is_json,
        }
    }

    pub(super) fn owner(&self) -> Option<Owner> {
        if !self.owned {
            return None;
        }
        self.value.first_chunk().copied().map(Owner::new)
    }

    pub(super) fn stored(&self) -> Stored {
        let meta = self.owner_len();
        let data = meta + self.meta_len as usize;
        let record = Record {
            owner: self.owner(),
            created: self.created,
            last: self.last,
            idle: Duration::from_micros(self.idle),
            absolute: self.absolute,
            meta: self.value.slice(meta..data),
            data: self.value.slice(data..),
            data_is_json: self.json,
        };
        Stored { version: self.version, record }
    }

    /// This, as the successor of `old`: its owner, its creation, never an earlier use.
    pub(super) fn succeeding(mut self, old: &Self) -> Self {
        let owner = old.owner();
        if owner.is_some() && owner != self.owner() {
            self = Self::new(&self.stored().record, owner.as_ref());
        }
        self.created = old.created;
        self.last = self.last.max(old.last);
        self
    }

    /// As [`Record::is_live`], which is the rule; without making a record.
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now < (self.last + Duration::from_micros(self.idle)).min(self.absolute)
    }

    fn owner_len(&self) -> usize {
        if self.owned { OWNER } else { 0 }
    }
}
