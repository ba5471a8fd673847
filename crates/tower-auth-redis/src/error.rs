//! The error of building a store.

use std::error::Error;
use std::fmt;

use tower_auth_core::store::StoreError;

/// A [`RedisStore`](crate::RedisStore) could not be built.
#[derive(Clone)]
#[non_exhaustive]
pub enum RedisConfigError {
    /// No address was given.
    NoAddress,
    /// An address is not a valid Redis URL. Use `redis://…`, or `rediss://…` with feature `tls`.
    Address,
    /// The named setter was given zero, which leaves the store no time, connection or space.
    Zero(&'static str),
    /// The server cannot be reached, or none of the servers is a primary. [`source`](Error::source)
    /// has the reason.
    Unreachable(StoreError),
}

impl fmt::Display for RedisConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => f.write_str("no address of a Redis server was given"),
            Self::Address => f.write_str(
                "invalid Redis URL: expected redis://host:port (rediss:// needs the feature `tls`)",
            ),
            Self::Zero(setter) => {
                write!(f, "`.{setter}` must not be zero: remove the call or set a larger value")
            }
            Self::Unreachable(_) => f.write_str("no Redis primary can be reached"),
        }
    }
}

impl Error for RedisConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreachable(error) => error.source(),
            _ => None,
        }
    }
}

tower_auth_core::debug_as_report!(RedisConfigError);
