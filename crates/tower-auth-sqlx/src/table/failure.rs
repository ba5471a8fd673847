//! What is told of a failure: never a key, a value or an address.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tower_auth_core::store::StoreError;

use crate::runtime::timeout;

/// Why a statement could not be carried out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No answer in time. Whether it was done is not known.
    TimedOut(Duration),
    /// The database's own code for what it refused. Its texts may quote what they were given.
    Refused(String),
    /// The connection failed.
    Connection(std::io::ErrorKind),
    /// Something of the driver's.
    Driver(&'static str),
    /// Others were there first, again and again.
    Contended,
    /// A row that no version of this crate has written.
    Strange(&'static str),
}

impl Failure {
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        use sqlx::Error as Of;
        match error {
            Of::Database(refusal) => {
                Self::Refused(refusal.code().map_or_else(|| "?".into(), |code| code.into_owned()))
            }
            Of::Io(error) => Self::Connection(error.kind()),
            Of::PoolTimedOut => Self::Driver("no connection of the pool became free in time"),
            Of::PoolClosed => Self::Driver("the pool was closed"),
            Of::WorkerCrashed => Self::Driver("the database's thread is gone"),
            Of::Tls(_) => Self::Driver("TLS could not be agreed upon"),
            Of::Configuration(_) => Self::Driver("the configuration is not valid"),
            Of::Protocol(_) => Self::Driver("the database said what it must not"),
            Of::ColumnDecode { .. } | Of::Decode(_) | Of::ColumnNotFound(_) => {
                Self::Driver("a column is not what was expected: was the table changed?")
            }
            _ => Self::Driver("the driver failed"),
        }
    }

    /// Whether the statement met others such that the database did nothing of it: a deadlock, or a
    /// stricter isolation than is needed here.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_of_order(&self) -> bool {
        matches!(self, Self::Refused(code) if code == "40001" || code == "40P01")
    }

    /// Whether the database would not take a value: PostgreSQL says so with the classes 22 ("data
    /// exception") and 54 ("program limit exceeded"), SQLite with the code of a failed check.
    pub(crate) fn is_of_a_value(&self) -> bool {
        match self {
            Self::Refused(code) if code.len() == 5 => {
                code.starts_with("22") || code.starts_with("54")
            }
            Self::Refused(code) => code == "275",
            _ => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut(after) => write!(f, "the database did not answer within {after:?}"),
            Self::Refused(code) => write!(f, "the database refused with code {code}"),
            Self::Connection(kind) => write!(f, "the connection failed: {kind}"),
            Self::Driver(what) => f.write_str(what),
            Self::Contended => f.write_str("others changed the record again and again"),
            Self::Strange(what) => write!(f, "a row is not one of this crate's: {what}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::unavailable(failure)
    }
}

/// Waits for the database for so long, and not longer.
pub(crate) async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Failure> {
    match timeout(limit, step).await {
        Ok(answer) => answer.map_err(|error| Failure::of(&error)),
        Err(_) => Err(Failure::TimedOut(limit)),
    }
}
