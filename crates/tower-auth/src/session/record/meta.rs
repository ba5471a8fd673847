//! The session layer's own part of a record, beside the application's data.
//!
//! Meta format 1: `1 ‖ secret hash 32 ‖ rotated at 8 ‖ authenticated at 8 ‖ identity`. Times are in
//! microseconds, little endian. An anonymous session has no identity.

use bytes::Bytes;
use tower_auth_core::store::{Record, RecordId, Stored};
use tower_auth_core::{AuthMethod, Authentication, Identity, Timestamp};

use crate::crypto::credential::{Credential, SecretHash};

const FORMAT: u8 = 1;
/// The length of an anonymous session's meta.
pub(in crate::session) const HEADER: usize = 1 + 32 + 8 + 8;

/// The decoded meta of a record, read once per request.
pub(in crate::session) struct Meta {
    pub(in crate::session) hash: SecretHash,
    /// The time at which the present secret was created.
    pub(in crate::session) rotated_at: Timestamp,
    pub(in crate::session) identity: Option<Identity>,
}

impl Meta {
    /// `None` if a later version of this crate, or another program, wrote the record.
    pub(in crate::session) fn read(stored: &Stored, session: RecordId) -> Option<Self> {
        let meta = &stored.record.meta;
        let (header, identity) = meta.split_at_checked(HEADER)?;
        if header[0] != FORMAT {
            return None;
        }
        let micros = |at: usize| {
            let bytes = header[at..at + 8].try_into().ok()?;
            Some(Timestamp::from_unix_micros(u64::from_le_bytes(bytes)))
        };
        let identity = if identity.is_empty() {
            None
        } else {
            let authentication = Authentication {
                method: AuthMethod::Session,
                authenticated_at: Some(micros(41)?),
                expires_at: Some(stored.record.expires_at()),
                session: Some(session),
            };
            Some(Identity::from_bytes(identity, authentication)?)
        };
        Some(Self { hash: header[1..33].try_into().ok()?, rotated_at: micros(33)?, identity })
    }

    /// Returns the hash of the record's secret.
    pub(in crate::session) fn hash_of(record: &Record) -> Option<SecretHash> {
        record.meta.get(1..33)?.try_into().ok()
    }

    /// Returns the time at which the record's secret was created, without checking the secret.
    pub(in crate::session) fn renewed_at(stored: &Stored) -> Option<Timestamp> {
        let bytes = stored.record.meta.get(33..41)?.try_into().ok()?;
        Some(Timestamp::from_unix_micros(u64::from_le_bytes(bytes)))
    }

    /// Returns the meta of a secret that no client has, renewed at `renewed_at`.
    pub(in crate::session) fn marker(renewed_at: Timestamp) -> Bytes {
        Self::write(&Credential::random(), renewed_at, None)
    }

    /// Returns the length of a meta with this identity.
    pub(in crate::session) fn octets(identity: &Identity) -> usize {
        HEADER + identity.to_bytes().len()
    }

    pub(in crate::session) fn write(
        credential: &Credential,
        rotated_at: Timestamp,
        identity: Option<&Identity>,
    ) -> Bytes {
        let who = identity.map(Identity::to_bytes).unwrap_or_default();
        let authenticated_at = identity.and_then(Identity::authenticated_at).unwrap_or(rotated_at);
        let mut out = Vec::with_capacity(HEADER + who.len());
        out.push(FORMAT);
        out.extend_from_slice(&credential.hash());
        out.extend_from_slice(&rotated_at.as_unix_micros().to_le_bytes());
        out.extend_from_slice(&authenticated_at.as_unix_micros().to_le_bytes());
        out.extend_from_slice(&who);
        out.into()
    }
}
