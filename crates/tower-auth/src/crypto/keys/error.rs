//! Reasons for which a ring is refused.

use std::fmt;

/// Why a [`KeyRing`](super::KeyRing) could not be made.
#[non_exhaustive]
pub enum KeyRingError {
    /// There is no key.
    NoKey,
    /// A key is shorter than 32 bytes.
    TooShort {
        /// Which, counted from 1.
        position: usize,
        /// How long it is.
        bytes: usize,
    },
    /// A key has at most 8 different bytes, or is one text repeated: it cannot be random.
    NotRandom {
        /// Which, counted from 1.
        position: usize,
    },
    /// A key stands there twice.
    Twice {
        /// The second place, counted from 1.
        position: usize,
    },
    /// A line is not base64.
    NotBase64 {
        /// Which, counted from 1.
        line: usize,
    },
    /// The environment variable is not set, or is not Unicode.
    NotSet {
        /// Its name.
        name: String,
    },
    /// The file cannot be read: its name, and why.
    File(std::io::Error),
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("the key ring is empty: give it at least one key"),
            Self::TooShort { position, bytes } => write!(
                f,
                "key {position} has {bytes} bytes: take 32 or more from a random source, \
                 such as `openssl rand -base64 32`. In a text each line is one key: `openssl` wraps \
                 after 48 bytes"
            ),
            Self::NotRandom { position } => write!(
                f,
                "key {position} is not random: it repeats itself, or has at most 8 different \
                 bytes. Take 32 bytes or more from a random source, such as \
                 `openssl rand -base64 32`; in tests, take `KeyRing::insecure_from_seed`"
            ),
            Self::Twice { position } => {
                write!(f, "key {position} stands in the ring already: remove it")
            }
            Self::NotBase64 { line } => write!(
                f,
                "line {line} is not base64: each line is one key, such as `openssl rand -base64 32` \
                 prints"
            ),
            Self::NotSet { name } => write!(f, "the environment variable {name} is not set"),
            Self::File(_) => f.write_str("the key file cannot be read"),
        }
    }
}

impl std::error::Error for KeyRingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(error) => Some(error),
            _ => None,
        }
    }
}

tower_auth_core::debug_as_report!(KeyRingError);
