//! What is kept under a key, and what it weighs.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Load, Reason, Record, Stored};

/// What one read or one write of our own made known of a key.
pub(super) struct Held {
    pub(super) what: What,
    /// When that read or write *began*, by [`Uptime`](super::uptime::Uptime): the store cannot
    /// have said it of any earlier moment, so ages counted from here are never too small.
    pub(super) since: u64,
    /// What [`Owners`](super::owners::Owners) counted then.
    pub(super) endings: u64,
}

pub(super) enum What {
    Found(Stored),
    Absent,
    /// With the moment until when the tombstone lies at the least: afterwards the key is free.
    Ended {
        reason: Reason,
        until: Timestamp,
    },
}

impl What {
    /// What the store's answer lets us keep.
    pub(super) fn of(load: &Load) -> Self {
        match load {
            Load::Found(stored) => Self::found(stored),
            Load::Absent => Self::Absent,
            Load::Ended { reason, until } => Self::Ended { reason: *reason, until: *until },
        }
    }

    /// A copy in one allocation of its own: what is kept must not keep alive the buffer that it was
    /// cut from, which nobody has counted.
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

    /// The answer to a load at that moment; `None` where memory cannot say.
    #[inline]
    pub(super) fn answer(&self, now: Timestamp) -> Option<Load> {
        match self {
            // Expired as far as we know. Another node's touch may have moved its end: ask.
            Self::Found(stored) if !stored.record.is_live(now) => None,
            Self::Found(stored) => Some(Load::Found(stored.clone())),
            Self::Absent => Some(Load::Absent),
            Self::Ended { reason, until } => {
                (now < *until).then_some(Load::Ended { reason: *reason, until: *until })
            }
        }
    }
}

/// Counts bytes: the value, and what it takes to keep one at all.
#[derive(Clone)]
pub(super) struct Bytewise;

/// Per entry: the shared allocation with its two counters, the value's buffer with its own, and a
/// place in the cache's table, which is up to three times as large as what is in it (so that it can
/// double, and remember what it has forgotten).
const OVERHEAD: usize = size_of::<Held>() + 16 + 24 + 32 + 3 * (size_of::<(Key, Arc<Held>)>() + 21);

impl Weighter<Key, Arc<Held>> for Bytewise {
    fn weight(&self, _: &Key, held: &Arc<Held>) -> u64 {
        let value = match &held.what {
            What::Found(stored) => stored.record.meta.len() + stored.record.data.len(),
            What::Absent | What::Ended { .. } => 0,
        };
        (OVERHEAD + value) as u64
    }
}
