//! The failure of a step. Its text never contains a key, a value or an address.

use std::fmt;
use std::io;
use std::time::Duration;

use tower_auth_core::store::StoreError;

/// The reason why a step failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server did not answer in time. It may or may not have applied the change.
    TimedOut(Duration),
    /// The connection failed.
    Connection(io::ErrorKind),
    /// The value is too large for the server.
    TooLarge,
    /// The server has no memory left, and evicted nothing to free some.
    Full,
    /// The server refused the command or sent an unexpected answer.
    Refused,
    /// The server runs without change numbers (`-C`), so a write would overwrite any other.
    Unguarded,
    /// The stored value is not in this version's format. It is left unchanged.
    Strange,
    /// The connection pool was closed.
    Closed,
}

impl Failure {
    pub(crate) fn of(error: &io::Error) -> Self {
        Self::Connection(error.kind())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(after) => write!(f, "the server did not answer within {after:?}"),
            Self::Connection(kind) => write!(f, "the connection failed: {kind}"),
            Self::TooLarge => f.write_str("the value is too large for the server"),
            Self::Full => f.write_str("the server has no memory left"),
            Self::Refused => {
                f.write_str("the server refused the command or sent an unexpected answer")
            }
            Self::Unguarded => f.write_str("the server has no change numbers: it runs with -C"),
            Self::Strange => f.write_str("the stored value is not a record"),
            Self::Closed => f.write_str("the connection pool was closed"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TooLarge => Self::too_large(),
            other => Self::unavailable(other),
        }
    }
}
