//! What is told of a failure: never a key, a value or an address.

use std::fmt;
use std::io;
use std::time::Duration;

use tower_auth_core::store::StoreError;

/// Why a step could not be carried out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No answer in time. Whether it was done is not known.
    TimedOut(Duration),
    /// The connection failed.
    Connection(io::ErrorKind),
    /// The server takes nothing of that size.
    TooLarge,
    /// The server has no room, and could make none.
    Full,
    /// The server refused, or said what it must not.
    Refused,
    /// The server was started such that it does not number its changes (`-C`): whoever writes then
    /// writes over anything.
    Unguarded,
    /// What lies there is nothing that this version has written; it is left alone.
    Strange,
    /// The pool was closed.
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
            Self::TooLarge => f.write_str("the server takes nothing of that size"),
            Self::Full => f.write_str("the server has no room"),
            Self::Refused => f.write_str("the server refused, or said what it must not"),
            Self::Unguarded => f.write_str("the server numbers no changes: it runs with -C"),
            Self::Strange => f.write_str("what lies under the key is no record"),
            Self::Closed => f.write_str("the pool was closed"),
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
