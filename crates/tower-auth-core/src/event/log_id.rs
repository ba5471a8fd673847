//! The ids of records in logs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The id of a session or refresh token family in logs: 12 bytes, 16 characters of base64url.
///
/// It is a keyed hash of the record's [`RecordId`](crate::store::RecordId). tower-auth computes it with
/// a key of the application's ring (ASVS 16.2.5). Logs have more readers than stores. With this id,
/// they can follow one session through a log, but can neither find it in the store nor end it. The
/// id is the same on all nodes and after a restart, as long as the newest key of the ring stays.
///
/// ```
/// use tower_auth_core::event::LogId;
///
/// assert_eq!(LogId::new([7; 12]).to_string(), "BwcHBwcHBwcHBwcH");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId([u8; 12]);

impl LogId {
    /// Wraps `hash`. It must be a keyed hash, never the record's own id.
    #[must_use]
    pub const fn new(hash: [u8; 12]) -> Self {
        Self(hash)
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 16];
        URL_SAFE_NO_PAD.encode_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}
