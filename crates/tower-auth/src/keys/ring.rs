//! The ring.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use tower_auth_core::Secret;
use zeroize::Zeroizing;

use super::bound::{Bound, Purpose};
use super::purpose::{KeyId, PurposeKeys, expand};

/// The least length of a key, in bytes.
const MIN: usize = 32;

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);

/// The application's keys, newest first; see the [module](super) for how to rotate them.
///
/// A clone is the same ring. It has no `Debug`.
#[derive(Clone)]
pub struct KeyRing(Arc<[(KeyId, Secret<Vec<u8>>)]>);

impl KeyRing {
    /// A ring of these keys, the newest first; each 32 bytes or more, from a random source.
    ///
    /// # Errors
    /// No key, a key that is too short, or the same key twice.
    ///
    /// ```
    /// use tower_auth::KeyRing;
    ///
    /// assert!(KeyRing::new([[7_u8; 32]]).is_ok());
    /// assert!(KeyRing::new([b"a password is no key"]).is_err());
    /// ```
    pub fn new<I>(keys: I) -> Result<Self, KeyRingError>
    where
        I: IntoIterator<Item: AsRef<[u8]>>,
    {
        let mut ring: Vec<(KeyId, Secret<Vec<u8>>)> = Vec::new();
        for (at, key) in keys.into_iter().enumerate() {
            let key = key.as_ref();
            if key.len() < MIN {
                return Err(KeyRingError::TooShort { position: at + 1, bytes: key.len() });
            }
            let id = key_id(key);
            if ring.iter().any(|(it, _)| *it == id) {
                return Err(KeyRingError::Twice { position: at + 1 });
            }
            ring.push((id, Secret::new(key.to_vec())));
        }
        if ring.is_empty() {
            return Err(KeyRingError::NoKey);
        }
        Ok(Self(ring.into()))
    }

    /// A ring of one new key, gone with the process: for tests, and where a restart may log
    /// everybody out. Two processes with random rings do not know each other's cookies.
    #[must_use]
    pub fn random() -> Self {
        let key: [u8; MIN] = super::random();
        Self([(key_id(&key), Secret::new(key.to_vec()))].into())
    }

    /// A new key in the text form that [`parse`](Self::parse) reads: base64 of 32 random bytes.
    #[must_use]
    pub fn generate_key() -> Secret<String> {
        Secret::new(BASE64.encode(Zeroizing::new(super::random::<MIN>())))
    }

    /// Reads keys as text: base64 (either alphabet, padded or not), one a line, newest first;
    /// empty lines and lines that begin with `#` are skipped.
    ///
    /// # Errors
    /// As [`new`](Self::new), and a line that is not base64. The line is named, not shown.
    ///
    /// ```
    /// use tower_auth::KeyRing;
    ///
    /// let text = format!("# made in 2026\n{}\n", KeyRing::generate_key().expose());
    /// assert!(KeyRing::parse(&text).is_ok());
    /// ```
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut keys = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let standard = Zeroizing::new(line.replace('-', "+").replace('_', "/"));
            let key = BASE64
                .decode(standard.as_bytes())
                .map_err(|_| KeyRingError::NotBase64 { line: at + 1 })?;
            keys.push(Zeroizing::new(key));
        }
        Self::new(keys)
    }

    /// Reads keys from a file, as [`parse`](Self::parse) does. Who else may read the file is not
    /// looked at: that is different on every platform, so see to it (mode 0600).
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and where the file cannot be read.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyRingError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
            // The system's error does not say which file.
            let named = format!("{}: {error}", path.display());
            KeyRingError::File(std::io::Error::new(error.kind(), named))
        })?;
        Self::parse(&text)
    }

    /// Reads keys from an environment variable, as [`parse`](Self::parse) does; commas part keys
    /// too.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and where the variable is not set.
    pub fn from_env(name: &str) -> Result<Self, KeyRingError> {
        let text = std::env::var(name)
            .map(Zeroizing::new)
            .map_err(|_| KeyRingError::NotSet { name: name.into() })?;
        Self::parse(&text.replace(',', "\n"))
    }

    /// The ring's keys, derived for what they are bound to.
    pub(crate) fn derive(&self, bound: Bound<'_>) -> PurposeKeys {
        PurposeKeys::derive(self.0.iter().map(|(id, key)| (*id, key.expose().as_slice())), bound)
    }
}

/// Derived like any purpose, so the id tells nothing of the key.
fn key_id(key: &[u8]) -> KeyId {
    let [a, b, c, d, ..] = *expand(key, Purpose::KeyId.anywhere()).expose();
    [a, b, c, d]
}

/// Why a [`KeyRing`] could not be made.
#[derive(Debug)]
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
                 such as `openssl rand -base64 32`"
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
