//! What lies under a key at some moment.

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Stored, Tombstone, Version};

use crate::failure::Failure;

pub(crate) enum Held {
    /// Nothing at all: it never was, its time is long over, or the server made room.
    Nothing,
    /// What is over; its version is not.
    Over(Version),
    /// A live record.
    Record(Stored),
    /// A tombstone that counts.
    Ended(Tombstone),
}

impl Held {
    pub(crate) fn read(bytes: Vec<u8>, now: Timestamp) -> Result<Self, Failure> {
        if let Some(tombstone) = Tombstone::from_bytes(&bytes) {
            let over = tombstone.until <= now;
            return Ok(if over { Self::Over(tombstone.version) } else { Self::Ended(tombstone) });
        }
        let stored = Stored::from_bytes(Bytes::from(bytes)).ok_or(Failure::Strange)?;
        let lives = stored.record.is_live(now);
        Ok(if lives { Self::Record(stored) } else { Self::Over(stored.version) })
    }
}

/// What a step makes of it.
pub(crate) enum Next<T> {
    /// It stays as it is.
    Stay(T),
    /// This takes its place, if nobody else was there meanwhile, and counts until then.
    Put(Vec<u8>, Timestamp, T),
}

impl<T> Next<T> {
    pub(crate) fn record(stored: &Stored, answer: T) -> Self {
        Self::Put(stored.to_bytes(), stored.record.expires_at(), answer)
    }

    pub(crate) fn tombstone(tombstone: Tombstone, answer: T) -> Self {
        Self::Put(tombstone.to_bytes(), tombstone.until, answer)
    }
}
