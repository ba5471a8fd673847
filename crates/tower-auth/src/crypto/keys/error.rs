//! The errors of a key ring.

use std::fmt;

/// The reason why a [`KeyRing`](super::KeyRing) cannot be created.
#[non_exhaustive]
pub enum KeyRingError {
    /// There is no key.
    NoKey,
    /// A key is shorter than 32 bytes.
    TooShort {
        /// The position of the key, counted from 1.
        position: usize,
        /// The length of the key.
        bytes: usize,
    },
    /// A key has at most 8 different bytes, or is a repeated text, so it cannot be random.
    NotRandom {
        /// The position of the key, counted from 1.
        position: usize,
    },
    /// A key occurs twice.
    Twice {
        /// The position of the second occurrence, counted from 1.
        position: usize,
    },
    /// A line is not base64.
    NotBase64 {
        /// The number of the line, counted from 1.
        line: usize,
    },
    /// The environment variable is not set, or is not Unicode.
    NotSet {
        /// The name of the variable.
        name: String,
    },
    /// The file cannot be read. The error names the file and the reason.
    File(std::io::Error),
}

impl fmt::Display for KeyRingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey => f.write_str("the key ring is empty: pass at least one key"),
            Self::TooShort { position, bytes } => write!(
                f,
                "key {position} has {bytes} bytes: use at least 32 from a random source, such as \
                 `openssl rand -base64 32`. In a text, each line is one key: `openssl` wraps lines after \
                 48 bytes"
            ),
            Self::NotRandom { position } => write!(
                f,
                "key {position} is not random: it repeats itself, or has at most 8 different \
                 bytes. Use at least 32 bytes from a random source, such as \
                 `openssl rand -base64 32`; in tests, use `KeyRing::insecure_from_seed`"
            ),
            Self::Twice { position } => {
                write!(f, "key {position} is already in the ring: remove it")
            }
            Self::NotBase64 { line } => write!(
                f,
                "line {line} is not base64: each line is one key, such as the output of \
                 `openssl rand -base64 32`"
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
