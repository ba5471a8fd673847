//! The error of building a store.

use std::error::Error;
use std::fmt;

use tower_auth_core::store::StoreError;

/// A store could not be built or opened.
#[derive(Clone)]
#[non_exhaustive]
pub enum SqlxConfigError {
    /// The named setter was given an invalid name for a schema or table prefix. Use a lower-case
    /// letter or underscore, followed by lower-case letters, digits and underscores; 24 characters
    /// in total.
    Name(&'static str),
    /// The named setter was given zero, which leaves the store no time or space.
    Zero(&'static str),
    /// The file cannot be opened or written, or a newer version of this crate created it. The
    /// message names the file and a fix.
    Unavailable(StoreError),
}

impl fmt::Display for SqlxConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(setter) => write!(
                f,
                "invalid name in `.{setter}`: expected up to 24 of a-z, 0-9 and _, and no digit first"
            ),
            Self::Zero(setter) => {
                write!(f, "`.{setter}` must not be zero: remove the call or set a larger value")
            }
            // The store's error only says that it is unavailable. Its cause names the file.
            Self::Unavailable(error) => match error.source() {
                Some(cause) => write!(f, "{cause}"),
                None => write!(f, "{error}"),
            },
        }
    }
}

impl Error for SqlxConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unavailable(error) => error.source()?.source(),
            _ => None,
        }
    }
}

tower_auth_core::debug_as_report!(SqlxConfigError);
