//! Records, versions and the reasons of an end.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::Owner;
use crate::Timestamp;

/// The value under a key.
///
/// `Debug` shows only times and sizes: `meta` contains the hash of a secret, and `data` belongs to
/// the application.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "stores build them; a new field is a new format")]
pub struct Record {
    /// The owner. A save may set it once, and never changes it.
    pub owner: Option<Owner>,
    /// The time of creation.
    pub created: Timestamp,
    /// The time of the last use. [`Store::touch`](super::Store::touch) moves it forward.
    pub last: Timestamp,
    /// The idle timeout: the lifetime without use.
    pub idle: Duration,
    /// The absolute deadline, which use does not extend.
    pub absolute: Timestamp,
    /// The layer's data: the hash of the current secret, the identity.
    pub meta: Bytes,
    /// The application's data.
    pub data: Bytes,
    /// Whether `data` is a JSON object, so a database may store it as JSON.
    pub data_is_json: bool,
}

impl Record {
    /// Returns the time at which the record expires without further use: the earlier of the idle
    /// and the absolute deadline.
    ///
    /// This is the only rule for expiry. At exactly this time, the record is gone.
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

    /// Returns `true` if the record has not expired at `now`.
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

/// The version of a record. It grows with every change, and never repeats for a key.
///
/// It is `max(previous + 1, now in microseconds)`. So "older never replaces newer" also holds
/// across the end and re-creation of a key, and across a restored backup.
///
/// ```
/// # use tower_auth_core::{Timestamp, store::Version};
/// let first = Version::first(Timestamp::from_unix_seconds(1));
/// // The clock stands still, but the version grows.
/// assert!(first.next(Timestamp::from_unix_seconds(1)) > first);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// Returns the version of a record that is created at `now`.
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self(now.as_unix_micros())
    }

    /// Returns the version of a record that changes at `now`.
    #[must_use]
    pub const fn next(self, now: Timestamp) -> Self {
        let (after, now) = (self.0.saturating_add(1), now.as_unix_micros());
        Self(if after > now { after } else { now })
    }

    /// Returns the number that a store keeps.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Creates a version from the number that a store kept.
    #[must_use]
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }
}

/// The reason of a record's end. The tombstone keeps it, so that a client can learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "stores must keep every one; a new one is a new format")]
#[repr(u8)]
pub enum EndReason {
    /// The user logged out.
    LoggedOut = 1,
    /// Another request or an administrator ended the record.
    Kicked = 2,
    /// A login as another principal, or the limit of sessions, replaced the record.
    Replaced = 3,
    /// The record was revoked.
    Revoked = 4,
    /// A used credential was presented again.
    Reuse = 5,
}

impl EndReason {
    /// All reasons.
    pub const ALL: [Self; 5] =
        [Self::LoggedOut, Self::Kicked, Self::Replaced, Self::Revoked, Self::Reuse];

    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as u8 == byte)
    }
}
