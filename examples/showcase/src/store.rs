//! Where sessions live.

use std::fmt;
use std::str::FromStr;

use tower_auth::{AnyStore, Clock, MemoryStore};

/// What `--store` chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// In this process, gone with it.
    Memory,
}

impl Backend {
    /// Whether sessions are still there when the program starts again: only then do random keys
    /// lose them.
    #[must_use]
    pub const fn outlives_the_process(self) -> bool {
        match self {
            Self::Memory => false,
        }
    }

    /// Opens it.
    #[must_use]
    pub fn open(self, clock: Clock) -> AnyStore {
        match self {
            Self::Memory => AnyStore::new(MemoryStore::new(clock)),
        }
    }
}

impl FromStr for Backend {
    type Err = UnknownStore;

    fn from_str(url: &str) -> Result<Self, UnknownStore> {
        match url {
            "memory:" => Ok(Self::Memory),
            _ => Err(UnknownStore),
        }
    }
}

/// No store of this kind is built in. The address is not shown: it may hold a password.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnknownStore;

impl fmt::Display for UnknownStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this showcase knows one store so far: memory:")
    }
}

impl std::error::Error for UnknownStore {}
