//! The representation of a live record: 80 bytes, and one allocation for the rest.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Owner, Record, Stored, Version};

use super::block;

pub(super) struct Live {
    pub(super) version: Version,
    created: Timestamp,
    pub(super) last: Timestamp,
    /// The idle timeout in microseconds. A `Duration` is twice as large, and no more precise than
    /// the clock.
    idle: u64,
    absolute: Timestamp,
    /// The owner (if `owned`), the meta and the data. Copied once when written, so that a record
    /// never keeps the buffer alive that it was cut from. Every load shares it without a copy.
    value: Bytes,
    meta_len: u32,
    owned: bool,
    json: bool,
}

const OWNER: usize = 32;

impl Live {
    /// The limit that makes every length fit into 32 bits.
    pub(super) const MAX_VALUE: usize = u32::MAX as usize - OWNER;

    /// Creates the record with that owner. The version is set on insertion.
    pub(super) fn new(record: &Record, owner: Option<&Owner>) -> Self {
        let owned = owner.map_or(&[][..], |owner| owner.as_bytes());
        Self {
            version: Version::from_raw(0),
            created: record.created,
            last: record.last,
            idle: u64::try_from(record.idle.as_micros()).unwrap_or(u64::MAX),
            absolute: record.absolute,
            value: block::joined([owned, &record.meta, &record.data]),
            // The length fits, since the store's limit is at most MAX_VALUE.
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

    /// Makes this record the successor of `old`: it keeps the owner and the creation time, and its
    /// last use is never earlier.
    pub(super) fn succeeding(mut self, old: &Self) -> Self {
        let owner = old.owner();
        if owner.is_some() && owner != self.owner() {
            self = Self::new(&self.stored().record, owner.as_ref());
        }
        self.created = old.created;
        self.last = self.last.max(old.last);
        self
    }

    /// Returns the result of [`Record::is_live`], which defines the rule, without creating a
    /// record.
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        now < (self.last + Duration::from_micros(self.idle)).min(self.absolute)
    }

    fn owner_len(&self) -> usize {
        if self.owned { OWNER } else { 0 }
    }
}
