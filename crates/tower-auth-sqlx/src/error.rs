//! Why a store was not built.

use std::error::Error;
use std::fmt;

use tower_auth_core::store::StoreError;

/// What building a store may say.
#[derive(Clone)]
#[non_exhaustive]
pub enum ConfigError {
    /// The setter of that name was given what is no name for a table or a schema of ours: a
    /// lower-case letter or an underscore, then lower-case letters, digits and underscores, 24
    /// characters in all.
    Name(&'static str),
    /// The setter of that name was given nothing: a store with no time, or no room.
    Zero(&'static str),
    /// The file cannot be opened or written, or is a newer version's. The message names the file, and
    /// what to do.
    Unavailable(StoreError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(setter) => write!(
                f,
                "`.{setter}` was given no name: up to 24 of a-z, 0-9 and _ are expected, no digit first"
            ),
            Self::Zero(setter) => {
                write!(f, "`.{setter}` was given zero: take it away, or say more")
            }
            // The store's error says only that it is unavailable; its cause names the file.
            Self::Unavailable(error) => match error.source() {
                Some(cause) => write!(f, "{cause}"),
                None => write!(f, "{error}"),
            },
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unavailable(error) => error.source()?.source(),
            _ => None,
        }
    }
}

tower_auth_core::debug_as_report!(ConfigError);
