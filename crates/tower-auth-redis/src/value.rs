//! Records, moments and index members in the bytes that the server keeps.

use bytes::Bytes;
use redis::Value;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Handle, Key, Kind, Load, Record, Stored, Tombstone, Version};

/// How much later than at its end the server sweeps a record, in milliseconds; the scripts say the same.
const SWEPT_LATER: u64 = 600_000;
/// The longest lifetime of a key, in milliseconds: the server cannot count further.
pub(crate) const LONGEST: u64 = 10_000_000_000_000;
/// The length of a key in an index.
pub(crate) const MEMBER: usize = 17;

/// A moment, as scripts read it.
pub(crate) fn number(moment: Timestamp) -> Vec<u8> {
    moment.as_unix_micros().to_le_bytes().to_vec()
}

/// The bytes of a record in that version.
pub(crate) fn stored(version: Version, record: &Record) -> Vec<u8> {
    Stored { version, record: record.clone() }.to_bytes()
}

/// The milliseconds until the server sweeps a record: some minutes after its end.
pub(crate) fn swept_in(record: &Record, now: Timestamp) -> Vec<u8> {
    let left = record.expires_at().since(now).as_micros().div_ceil(1000);
    let left = u64::try_from(left).unwrap_or(LONGEST).min(LONGEST);
    (left + SWEPT_LATER).to_string().into_bytes()
}

/// Reads a value as of that moment. A value that is no record counts as absent.
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

/// A key as an index holds it.
pub(crate) fn member(key: &Key) -> [u8; MEMBER] {
    let mut member = [key.kind as u8; MEMBER];
    member[1..].copy_from_slice(key.handle.as_bytes());
    member
}

/// The key that an index holds as `member`, if it is one.
pub(crate) fn key_of(member: &[u8]) -> Option<Key> {
    let (kind, handle) = member.split_first()?;
    let kind = Kind::ALL.into_iter().find(|it| *it as u8 == *kind)?;
    Some(Key::new(kind, Handle::new(handle.try_into().ok()?)))
}
