//! The content of a family's record.
//!
//! Meta format 1:
//!
//! ```text
//! 1 ‖ seed 32 ‖ generation 8 ‖ rotated at 8 ‖ authenticated at 8 ‖
//! length of the client's name 2 ‖ client ‖ identity
//! ```
//!
//! Numbers are little endian, times are in microseconds, and a length of 0xffff means no client.
//! The data is empty.

use bytes::{BufMut as _, Bytes};
use tower_auth_core::store::{Record, RecordId};
use tower_auth_core::{AuthMethod, Authentication, Identity, Timestamp};

use super::token::Seed;

const FORMAT: u8 = 1;
const HEADER: usize = 1 + 32 + 8 + 8 + 8 + 2;
const NO_CLIENT: u16 = u16::MAX;
/// The maximum length of a client's name, in bytes.
pub(super) const LONGEST_CLIENT: usize = 1024;

/// The tokens that descend from one login, of which one is current.
pub(super) struct Family {
    pub(super) seed: Seed,
    /// The number of the current token. The first is 0.
    pub(super) generation: u64,
    /// The time at which the current token was created.
    pub(super) rotated_at: Timestamp,
    pub(super) client: Option<String>,
    /// The identity that access tokens are minted for.
    pub(super) identity: Identity,
}

impl Family {
    /// Reads a record. `None` if a later version of this crate wrote it, or if it is malformed.
    pub(super) fn read(id: RecordId, record: &Record) -> Option<Self> {
        let (header, rest) = record.meta.split_at_checked(HEADER)?;
        if header[0] != FORMAT {
            return None;
        }
        let number = |at: usize| Some(u64::from_le_bytes(header[at..at + 8].try_into().ok()?));
        let length = u16::from_le_bytes(header[57..].try_into().ok()?);
        let (client, identity) = match length {
            NO_CLIENT => (None, rest),
            length => {
                let (client, identity) = rest.split_at_checked(length.into())?;
                (Some(std::str::from_utf8(client).ok()?.to_owned()), identity)
            }
        };
        let authenticated_at = Timestamp::from_unix_micros(number(49)?);
        let authentication = authentication(id, authenticated_at, record.absolute);
        Some(Self {
            seed: Seed::new(header[1..33].try_into().ok()?),
            generation: number(33)?,
            rotated_at: Timestamp::from_unix_micros(number(41)?),
            client,
            identity: Identity::from_bytes(identity, authentication)?,
        })
    }

    pub(super) fn write(&self) -> Bytes {
        let client = self.client.as_deref().unwrap_or_default();
        let length = match &self.client {
            // `begin` has checked the length.
            Some(client) => u16::try_from(client.len()).unwrap_or(NO_CLIENT - 1),
            None => NO_CLIENT,
        };
        let authenticated_at = self.identity.authenticated_at().unwrap_or(self.rotated_at);
        let who = self.identity.to_bytes();
        let mut out = Vec::with_capacity(HEADER + client.len() + who.len());
        out.put_u8(FORMAT);
        out.put_slice(self.seed.as_bytes());
        out.put_u64_le(self.generation);
        out.put_u64_le(self.rotated_at.as_unix_micros());
        out.put_u64_le(authenticated_at.as_unix_micros());
        out.put_u16_le(length);
        out.put_slice(client.as_bytes());
        out.put_slice(&who);
        out.into()
    }
}

/// Creates the authentication of an identity that comes from a family.
pub(super) fn authentication(
    family: RecordId,
    authenticated_at: Timestamp,
    ends: Timestamp,
) -> Authentication {
    Authentication {
        method: AuthMethod::Refresh,
        authenticated_at: Some(authenticated_at),
        expires_at: Some(ends),
        session: Some(family),
    }
}
