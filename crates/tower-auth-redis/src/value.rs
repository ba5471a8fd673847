//! The encoding of records, times and index members in Redis.

use bytes::Bytes;
use redis::Value;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Load, Record, RecordId, RecordKind, Stored, Tombstone, Version};

/// The time between a record's expiry and its removal by the server, in milliseconds. The scripts
/// use the same value.
const SWEPT_LATER: u64 = 600_000;
/// The longest lifetime of a key that the server supports, in milliseconds.
pub(crate) const LONGEST: u64 = 10_000_000_000_000;
/// The length of a key in an index, in bytes.
pub(crate) const MEMBER: usize = 17;

/// Encodes a time for the scripts.
pub(crate) fn number(moment: Timestamp) -> Vec<u8> {
    moment.as_unix_micros().to_le_bytes().to_vec()
}

/// Encodes a record with its version.
pub(crate) fn stored(version: Version, record: &Record) -> Vec<u8> {
    Stored { version, record: record.clone() }.to_bytes()
}

/// Returns the milliseconds until the server removes the record: its remaining lifetime plus ten
/// minutes.
pub(crate) fn swept_in(record: &Record, now: Timestamp) -> Vec<u8> {
    let left = record.expires_at().since(now).as_micros().div_ceil(1000);
    let left = u64::try_from(left).unwrap_or(LONGEST).min(LONGEST);
    (left + SWEPT_LATER).to_string().into_bytes()
}

/// Decodes a value as of `now`. A value that is not a record counts as absent.
pub(crate) fn loaded(value: Value, now: Timestamp) -> Load {
    let Value::BulkString(bytes) = value else { return Load::Absent };
    if let Some(stone) = Tombstone::from_bytes(&bytes) {
        return if now < stone.until {
            Load::Ended { reason: stone.reason, until: stone.until }
        } else {
            Load::Absent
        };
    }
    match Stored::from_bytes(Bytes::from(bytes)) {
        Some(stored) if stored.record.is_live(now) => Load::Found(stored),
        _ => Load::Absent,
    }
}

/// Encodes a key as an index member.
pub(crate) fn member(key: &Key) -> [u8; MEMBER] {
    let mut member = [key.kind as u8; MEMBER];
    member[1..].copy_from_slice(key.id.as_bytes());
    member
}

/// Decodes an index member; `None` if it is not a key.
pub(crate) fn key_of(member: &[u8]) -> Option<Key> {
    let (kind, id) = member.split_first()?;
    let kind = RecordKind::ALL.into_iter().find(|it| *it as u8 == *kind)?;
    Some(Key::new(kind, RecordId::new(id.try_into().ok()?)))
}
