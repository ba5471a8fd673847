//! What lies in a store.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::Owner;
use crate::Timestamp;

/// What lies under a key.
///
/// `Debug` shows the times and the sizes alone: `meta` holds a secret's hash, and `data` is the
/// application's.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "stores build them; a new field is a new format")]
pub struct Record {
    /// Whose it is. A save may set it once, never change it.
    pub owner: Option<Owner>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last used; [`Store::touch`](super::Store::touch) moves it forward.
    pub last: Timestamp,
    /// How long it lives unused.
    pub idle: Duration,
    /// When it ends at the latest, however much it is used.
    pub absolute: Timestamp,
    /// The layer's own: the hash of the current secret, the identity.
    pub meta: Bytes,
    /// The application's.
    pub data: Bytes,
    /// Whether `data` is a JSON object, so that a database may keep it as one.
    pub data_is_json: bool,
}

impl Record {
    /// When it ends if it is not used again: the earlier of idle and absolute deadline.
    ///
    /// The one rule for expiry: from this very moment on it is gone.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_auth_core::{Timestamp, store::Record};
    /// let at = Timestamp::from_unix_seconds;
    /// let record = Record {
    ///     owner: None,
    ///     created: at(0),
    ///     last: at(90),
    ///     idle: Duration::from_secs(30),
    ///     absolute: at(100),
    ///     meta: Default::default(),
    ///     data: Default::default(),
    ///     data_is_json: false,
    /// };
    /// assert_eq!(record.expires_at(), at(100));
    /// assert!(record.is_live(at(99)) && !record.is_live(at(100)));
    /// ```
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        (self.last + self.idle).min(self.absolute)
    }

    /// Whether it still is there at that moment.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("owned", &self.owner.is_some())
            .field("created", &self.created)
            .field("last", &self.last)
            .field("idle", &self.idle)
            .field("absolute", &self.absolute)
            .field("meta_bytes", &self.meta.len())
            .field("data_bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

/// Which state of a record: grows with every change, never repeats for a key.
///
/// It is `max(previous + 1, now in microseconds)`, so that also across the end and re-creation of
/// a key, and across a restored backup, "older never replaces newer" can be decided.
///
/// ```
/// # use tower_auth_core::{Timestamp, store::Version};
/// let first = Version::first(Timestamp::from_unix_seconds(1));
/// // The clock stands still, the version does not.
/// assert!(first.next(Timestamp::from_unix_seconds(1)) > first);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The version of a record created now.
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self(now.as_unix_micros())
    }

    /// The version of a record changed now.
    #[must_use]
    pub const fn next(self, now: Timestamp) -> Self {
        let (after, now) = (self.0.saturating_add(1), now.as_unix_micros());
        Self(if after > now { after } else { now })
    }

    /// As the number that a store keeps.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// From the number that a store kept.
    #[must_use]
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }
}

/// Why a record was ended. Kept in its tombstone, so that a client can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "stores must keep every one; a new one is a new format")]
#[repr(u8)]
pub enum Reason {
    /// Its holder logged out.
    LoggedOut = 1,
    /// Somebody else ended it.
    Kicked = 2,
    /// A login as somebody else, or one session too many, took its place.
    Replaced = 3,
    /// It was revoked.
    Revoked = 4,
    /// A used credential was presented again.
    Reuse = 5,
}

impl Reason {
    /// Every reason there is.
    pub const ALL: [Self; 5] =
        [Self::LoggedOut, Self::Kicked, Self::Replaced, Self::Revoked, Self::Reuse];

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as u8 == byte)
    }
}
