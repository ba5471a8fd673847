//! The record that a replay guard holds for a session.

use bytes::Bytes;
use tower_auth_core::store::{Record, Version};

use crate::crypto::credential::SecretHash;

/// The data of a guard's record, beside its version: format 2, the version before the newest (8
/// octets, little endian), and the hash of its secret (32).
pub(in crate::session) struct ReplayMarker {
    pub(in crate::session) previous_version: Version,
    pub(in crate::session) secret: SecretHash,
}

impl ReplayMarker {
    const FORMAT: u8 = 2;

    pub(in crate::session) fn to_bytes(&self) -> Bytes {
        let previous_version = self.previous_version.get().to_le_bytes();
        [&[Self::FORMAT][..], &previous_version, &self.secret].concat().into()
    }

    /// `None` if the format is another: as if the guard held nothing.
    pub(in crate::session) fn read(mark: &Record) -> Option<Self> {
        let (format, fields) = mark.data.split_first()?;
        let (previous_version, secret) = fields.split_at_checked(8)?;
        let previous_version =
            Version::from_raw(u64::from_le_bytes(previous_version.try_into().ok()?));
        let secret = secret.try_into().ok()?;
        (*format == Self::FORMAT).then_some(Self { previous_version, secret })
    }
}
