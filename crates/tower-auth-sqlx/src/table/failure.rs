//! The failure of a statement. Its text never contains a key, a value or an address.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tower_auth_core::store::StoreError;

use crate::runtime::timeout;

/// The reason why a statement failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database did not answer in time. It may or may not have applied the statement.
    TimedOut(Duration),
    /// The database refused the statement. Only its code is kept, because its message may quote
    /// values.
    Refused(String),
    /// The connection failed.
    Connection(std::io::ErrorKind),
    /// The driver or the pool failed.
    Driver(&'static str),
    /// Other transactions were faster in every attempt.
    Contended,
    /// A row that no version of this crate wrote.
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
            Of::PoolClosed => Self::Driver("the connection pool was closed"),
            Of::WorkerCrashed => Self::Driver("the database's thread is gone"),
            Of::Tls(_) => Self::Driver("the TLS handshake failed"),
            Of::Configuration(_) => Self::Driver("the configuration is not valid"),
            Of::Protocol(_) => Self::Driver("the database sent an unexpected answer"),
            Of::ColumnDecode { .. } | Of::Decode(_) | Of::ColumnNotFound(_) => {
                Self::Driver("a column has an unexpected type: was the table changed?")
            }
            _ => Self::Driver("the driver failed"),
        }
    }

    /// Whether the database rolled the statement back because of other transactions: a deadlock, or
    /// a stricter isolation level than the store needs.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_of_order(&self) -> bool {
        matches!(self, Self::Refused(code) if code == "40001" || code == "40P01")
    }

    /// Whether the database refused a value. PostgreSQL uses the classes 22 ("data exception") and
    /// 54 ("program limit exceeded"), SQLite the code of a failed check.
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
            Self::Contended => f.write_str("other clients changed the record in every attempt"),
            Self::Strange(what) => write!(f, "a row was not written by this crate: {what}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::unavailable(failure)
    }
}

/// Runs `step` within `limit`.
pub(crate) async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Failure> {
    match timeout(limit, step).await {
        Ok(answer) => answer.map_err(|error| Failure::of(&error)),
        Err(_) => Err(Failure::TimedOut(limit)),
    }
}
