//! The names of records in logs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The name of a session or of a refresh token family in logs: 12 bytes, 16 characters of base64url.
///
/// It is a keyed hash of the record's [`Handle`](crate::store::Handle), made by tower-auth with a key
/// of the application's ring (ASVS 16.2.5). Logs are read by more people than stores: with it they can
/// follow one session through a log, and neither find it in the store nor end it. It is equal on all
/// nodes and after a restart, as long as the newest key of the ring stays.
///
/// ```
/// use tower_auth_core::event::LogId;
///
/// assert_eq!(LogId::new([7; 12]).to_string(), "BwcHBwcHBwcHBwcH");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId([u8; 12]);

impl LogId {
    /// A name of these bytes. They must be a keyed hash, never the record's own.
    #[must_use]
    pub const fn new(hash: [u8; 12]) -> Self {
        Self(hash)
    }

    /// The bytes.
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
