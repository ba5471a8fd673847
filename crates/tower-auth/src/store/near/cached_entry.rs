//! The entries of the cache, and their weight.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndReason, Key, Load, Record, Stored};

/// The knowledge about a key from one read, or from one write of this node.
pub(super) struct CachedEntry {
    pub(super) what: CachedLoad,
    /// The time at which that read or write *began*, by [`Uptime`](super::uptime::Uptime). The
    /// store's answer cannot describe an earlier state, so ages counted from here are never too
    /// small.
    pub(super) since: u64,
    /// The count of [`Owners`](super::owners::Owners) at that time.
    pub(super) endings: u64,
}

pub(super) enum CachedLoad {
    Found(Stored),
    Absent,
    /// The record has ended. The tombstone lasts at least until `until`; afterwards the key is
    /// free.
    Ended {
        reason: EndReason,
        until: Timestamp,
    },
}

impl CachedLoad {
    /// Converts the store's answer into an entry.
    pub(super) fn of(load: &Load) -> Self {
        match load {
            Load::Found(stored) => Self::found(stored),
            Load::Absent => Self::Absent,
            Load::Ended { reason, until } => Self::Ended { reason: *reason, until: *until },
        }
    }

    /// Copies a record into a single allocation. An entry must not keep the buffer alive that it
    /// was cut from, since no weight accounts for that.
    pub(super) fn found(stored: &Stored) -> Self {
        let Record { meta, data, .. } = &stored.record;
        let mut value = Vec::with_capacity(meta.len() + data.len());
        value.extend_from_slice(meta);
        value.extend_from_slice(data);
        let value = Bytes::from(value);
        let record = Record {
            meta: value.slice(..meta.len()),
            data: value.slice(meta.len()..),
            ..stored.record.clone()
        };
        Self::Found(Stored { version: stored.version, record })
    }

    /// Returns the answer to a load at that time, or `None` if memory cannot answer.
    #[inline]
    pub(super) fn answer(&self, now: Timestamp) -> Option<Load> {
        match self {
            // The record looks expired, but another node's touch may have extended it: ask the
            // store.
            Self::Found(stored) if !stored.record.is_live(now) => None,
            Self::Found(stored) => Some(Load::Found(stored.clone())),
            Self::Absent => Some(Load::Absent),
            Self::Ended { reason, until } => {
                (now < *until).then_some(Load::Ended { reason: *reason, until: *until })
            }
        }
    }
}

/// Weighs an entry in bytes: the value and the overhead.
#[derive(Clone)]
pub(super) struct Bytewise;

/// The overhead of an entry: the shared allocation with its two counters, the value's buffer with
/// its own, and a place in the cache's table. The table is up to three times as large as its
/// contents, since it can double and also remembers dropped entries.
const OVERHEAD: usize =
    size_of::<CachedEntry>() + 16 + 24 + 32 + 3 * (size_of::<(Key, Arc<CachedEntry>)>() + 21);

impl Weighter<Key, Arc<CachedEntry>> for Bytewise {
    fn weight(&self, _: &Key, entry: &Arc<CachedEntry>) -> u64 {
        let value = match &entry.what {
            CachedLoad::Found(stored) => stored.record.meta.len() + stored.record.data.len(),
            CachedLoad::Absent | CachedLoad::Ended { .. } => 0,
        };
        (OVERHEAD + value) as u64
    }
}
