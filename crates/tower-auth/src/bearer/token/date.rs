//! NumericDate (RFC 7519, 2): seconds since the epoch, perhaps with a fraction.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};
use tower_auth_core::Timestamp;

/// A number, and nothing but a number: a text that looks like one is not "absent".
pub(super) struct Date;

impl<'de> DeserializeSeed<'de> for Date {
    type Value = Timestamp;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Timestamp, D::Error> {
        // Not `any`: with `arbitrary_precision`, which another crate of the build may turn on,
        // serde_json shows a number to that as a map.
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

    /// Before the epoch is the epoch: both are long past.
    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Timestamp, E> {
        Ok(Timestamp::from_unix_seconds(u64::try_from(seconds).unwrap_or(0)))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<Timestamp, E> {
        // `as` saturates at both ends, and makes the epoch of what is no number.
        Ok(Timestamp::from_unix_micros((seconds * 1e6) as u64))
    }
}
