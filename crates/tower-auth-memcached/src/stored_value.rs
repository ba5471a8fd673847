//! The state of a key, as a step reads it.

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Stored, Tombstone, Version};

use crate::failure::Failure;

pub(crate) enum StoredValue {
    /// No value: never written, removed after its expiry, or evicted.
    Nothing,
    /// An expired record or tombstone. Its version still counts for the next one.
    Over(Version),
    /// A live record.
    Record(Stored),
    /// A tombstone that has not expired.
    Ended(Tombstone),
}

impl StoredValue {
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

/// The decision of a step.
pub(crate) enum Outcome<T> {
    /// Leaves the value unchanged.
    Keep(T),
    /// Replaces the value if no other client changed it since the read. The value expires at the
    /// given time.
    Put(Vec<u8>, Timestamp, T),
}

impl<T> Outcome<T> {
    pub(crate) fn record(stored: &Stored, answer: T) -> Self {
        Self::Put(stored.to_bytes(), stored.record.expires_at(), answer)
    }

    pub(crate) fn tombstone(tombstone: Tombstone, answer: T) -> Self {
        Self::Put(tombstone.to_bytes(), tombstone.until, answer)
    }
}
