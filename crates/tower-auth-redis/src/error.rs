//! Why a store was not built.

use std::error::Error;
use std::fmt;

use tower_auth_core::store::StoreError;

/// What building a [`RedisStore`](crate::RedisStore) may say.
#[derive(Clone)]
#[non_exhaustive]
pub enum ConfigError {
    /// No address was given.
    NoAddress,
    /// An address is none that Redis is reached by: `redis://…`, or with feature `tls` `rediss://…`.
    Address,
    /// The setter of that name was given nothing: a store with no time, no connection or no room.
    Zero(&'static str),
    /// The server cannot be reached, or none of the servers is a primary; [`source`](Error::source)
    /// says why.
    Unreachable(StoreError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => f.write_str("no address of a Redis server was given"),
            Self::Address => f.write_str(
                "an address is no Redis URL (redis://host:port; rediss:// needs the feature `tls`)",
            ),
            Self::Zero(setter) => {
                write!(f, "`.{setter}` was given zero: take it away, or say more")
            }
            Self::Unreachable(_) => f.write_str("no Redis primary can be reached"),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreachable(error) => error.source(),
            _ => None,
        }
    }
}

tower_auth_core::debug_as_report!(ConfigError);
