//! Record format 1: the encoding of records and tombstones in stores with one string per key.
//!
//! All numbers are little endian. A record:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | format, `1` |
//! | 1 | flags: 1 = has an owner, 2 = data is JSON |
//! | 8 | version |
//! | 8 × 4 | created, last, idle, absolute, in microseconds |
//! | 32 | owner, if the flag says so |
//! | 4 | length of meta |
//! | … | meta, then data to the end |
//!
//! A tombstone: format `1`, flag 128, reason, 8 bytes for its end, 8 bytes for the last version of
//! the ended record.
//!
//! A server store keeps the tombstone some minutes past its end. If a record is created under the
//! key in that period, its version continues from the tombstone's version, whatever the clock
//! shows.

use std::time::Duration;

use bytes::{Buf, Bytes};

use super::{EndReason, Owner, Record, Version};
use crate::Timestamp;

const FORMAT: u8 = 1;
const OWNED: u8 = 1;
const JSON: u8 = 2;
const ENDED: u8 = 128;
const HEADER: usize = 2 + 8 * 5;

/// A record in a store, with its version.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "stores build them")]
pub struct Stored {
    /// The version of this state of the record.
    pub version: Version,
    /// The record.
    pub record: Record,
}

/// The remains of an ended record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "stores build them")]
pub struct Tombstone {
    /// The reason of the end.
    pub reason: EndReason,
    /// The end of the tombstone. At exactly this time, the tombstone is gone.
    pub until: Timestamp,
    /// The last version of the ended record. Zero if the key had no record.
    pub version: Version,
}

impl Stored {
    /// Encodes the record in format 1.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { version, record } = self;
        let mut out = Vec::with_capacity(HEADER + 32 + 4 + record.meta.len() + record.data.len());
        out.push(FORMAT);
        out.push(
            if record.owner.is_some() { OWNED } else { 0 }
                | if record.data_is_json { JSON } else { 0 },
        );
        let idle = u64::try_from(record.idle.as_micros()).unwrap_or(u64::MAX);
        for number in [
            version.get(),
            record.created.as_unix_micros(),
            record.last.as_unix_micros(),
            idle,
            record.absolute.as_unix_micros(),
        ] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        if let Some(owner) = &record.owner {
            out.extend_from_slice(owner.as_bytes());
        }
        out.extend_from_slice(&u32::try_from(record.meta.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(&record.meta);
        out.extend_from_slice(&record.data);
        out
    }

    /// Decodes record format 1 without copying `meta` and `data`. `None` if `bytes` has another
    /// format.
    #[must_use]
    pub fn from_bytes(mut bytes: Bytes) -> Option<Self> {
        let (format, flags) = (bytes.try_get_u8().ok()?, bytes.try_get_u8().ok()?);
        if format != FORMAT || flags & !(OWNED | JSON) != 0 {
            return None;
        }
        let version = Version::from_raw(bytes.try_get_u64_le().ok()?);
        let created = Timestamp::from_unix_micros(bytes.try_get_u64_le().ok()?);
        let last = Timestamp::from_unix_micros(bytes.try_get_u64_le().ok()?);
        let idle = Duration::from_micros(bytes.try_get_u64_le().ok()?);
        let absolute = Timestamp::from_unix_micros(bytes.try_get_u64_le().ok()?);
        let owner = if flags & OWNED == 0 {
            None
        } else {
            let mut owner = [0; 32];
            bytes.try_copy_to_slice(&mut owner).ok()?;
            Some(Owner::new(owner))
        };
        let meta = bytes.try_get_u32_le().ok()? as usize;
        if meta > bytes.len() {
            return None;
        }
        let meta = bytes.split_to(meta);
        let data_is_json = flags & JSON != 0;
        let record =
            Record { owner, created, last, idle, absolute, meta, data: bytes, data_is_json };
        Some(Self { version, record })
    }
}

impl Tombstone {
    /// Encodes the tombstone in format 1.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![FORMAT, ENDED, self.reason as u8];
        out.extend_from_slice(&self.until.as_unix_micros().to_le_bytes());
        out.extend_from_slice(&self.version.get().to_le_bytes());
        out
    }

    /// Decodes record format 1. `None` if `bytes` is not a tombstone.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[FORMAT, ENDED, reason], rest) = bytes.split_first_chunk()? else { return None };
        let (until, version) = rest.split_first_chunk()?;
        let until = Timestamp::from_unix_micros(u64::from_le_bytes(*until));
        let version = Version::from_raw(u64::from_le_bytes(version.try_into().ok()?));
        Some(Self { reason: EndReason::from_byte(reason)?, until, version })
    }
}
