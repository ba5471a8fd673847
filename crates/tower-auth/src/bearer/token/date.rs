//! NumericDate (RFC 7519, 2): seconds since the epoch, possibly with a fraction.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};
use tower_auth_core::Timestamp;

/// Deserializes a number. A string that looks like a number is an error, not an absent claim.
pub(super) struct Date;

impl<'de> DeserializeSeed<'de> for Date {
    type Value = Timestamp;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Timestamp, D::Error> {
        // Not `deserialize_any`: with the feature `arbitrary_precision`, which another crate of the
        // build may enable, serde_json passes a number to that method as a map.
        deserializer.deserialize_f64(self)
    }
}

impl Visitor<'_> for Date {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Timestamp, E> {
        Ok(Timestamp::from_unix_seconds(seconds))
    }

    /// Maps a time before the epoch to the epoch: both are long past.
    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Timestamp, E> {
        Ok(Timestamp::from_unix_seconds(u64::try_from(seconds).unwrap_or(0)))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Timestamp, E> {
        // `as` saturates at both ends, and maps NaN to the epoch.
        Ok(Timestamp::from_unix_micros((seconds * 1e6) as u64))
    }
}
