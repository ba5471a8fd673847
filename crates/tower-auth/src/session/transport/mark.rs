//! The record that a replay guard holds for a session.

use bytes::Bytes;
use tower_auth_core::store::{Record, Version};

use crate::crypto::credential::SecretHash;

/// The data of a guard's record, beside its version: format 2, the version before the newest (8
/// octets, little endian), and the hash of its secret (32).
pub(in crate::session) struct Mark {
    pub(in crate::session) before: Version,
    pub(in crate::session) secret: SecretHash,
}

impl Mark {
    const FORMAT: u8 = 2;

    pub(in crate::session) fn to_bytes(&self) -> Bytes {
        let before = self.before.get().to_le_bytes();
        [&[Self::FORMAT][..], &before, &self.secret].concat().into()
    }

    /// `None` if the format is another: as if the guard held nothing.
    pub(in crate::session) fn read(mark: &Record) -> Option<Self> {
        let (format, fields) = mark.data.split_first()?;
        let (before, secret) = fields.split_at_checked(8)?;
        let before = Version::from_raw(u64::from_le_bytes(before.try_into().ok()?));
        let secret = secret.try_into().ok()?;
        (*format == Self::FORMAT).then_some(Self { before, secret })
    }
}
