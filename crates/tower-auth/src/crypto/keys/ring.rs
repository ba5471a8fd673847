//! The ring.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tower_auth_core::event::{Event, Kind};
use tower_auth_core::{Events, Secret};
use zeroize::Zeroizing;

use super::KeyRingError;
use super::bound::{Bound, Purpose};
use super::purpose::{KeyId, PurposeKeys, expand};
use super::random::{is_not_random, random};
use super::text::{self, Exposure};

/// The least length of a key, in bytes.
const MIN: usize = 32;

/// The application's keys, newest first; see the [module](super) for how to rotate them.
///
/// A clone is the same ring. `Debug` shows how many keys it has. Keys are overwritten when the last clone is dropped.
#[derive(Clone)]
pub struct KeyRing(Arc<Ring>);

struct Ring {
    keys: Box<[(KeyId, Secret<Vec<u8>>)]>,
    /// Set if others may open the file that the keys came from.
    exposed: Option<ExposedFile>,
    /// Whether a sink has heard of it.
    reported: AtomicBool,
}

/// The key file that others may open, as an event reports it.
struct ExposedFile {
    exposure: Exposure,
    detail: Box<str>,
}

impl ExposedFile {
    fn new(path: &Path, exposure: Exposure) -> Self {
        let detail = format!("{}: run `chmod 600` on it", path.display()).into();
        Self { exposure, detail }
    }
}

impl KeyRing {
    /// A ring of these keys, the newest first; each 32 bytes or more, from a random source.
    ///
    /// # Errors
    /// No key, a key that is too short, the same key twice, and a key that cannot be random: one of
    /// at most 8 different bytes, or one text repeated.
    ///
    /// ```
    /// use tower_auth::KeyRing;
    ///
    /// let key = KeyRing::generate_key(); // text; from a secret manager it may come as bytes
    /// assert!(KeyRing::new([key.expose()]).is_ok());
    /// assert!(KeyRing::new(["a password is no key"]).is_err());
    /// assert!(KeyRing::new([[7_u8; 32]]).is_err());
    /// ```
    pub fn new<I>(keys: I) -> Result<Self, KeyRingError>
    where
        I: IntoIterator<Item: AsRef<[u8]>>,
    {
        Self::checked(keys, None)
    }

    /// A ring of one new key, gone with the process: for tests, and where a restart may log
    /// everybody out. Two processes with random rings do not know each other's cookies.
    #[must_use]
    pub fn random() -> Self {
        let key = Zeroizing::new(random::<MIN>());
        Self::unchecked([&key[..]])
    }

    /// A ring of one key that anyone can compute: the same seed, the same ring. **For tests only.**
    ///
    /// ```
    /// use tower_auth::KeyRing;
    ///
    /// // Two nodes of one application, in a test.
    /// let (one, other) = (KeyRing::insecure_from_seed(7), KeyRing::insecure_from_seed(7));
    /// ```
    #[must_use]
    pub fn insecure_from_seed(seed: u64) -> Self {
        Self::insecure_from_seeds([seed])
    }

    /// A ring of one key for each seed, the newest first, for tests of a rotation. **For tests
    /// only.** A seed's key is that of [`insecure_from_seed`](Self::insecure_from_seed).
    ///
    /// # Panics
    /// If there is no seed.
    ///
    /// ```
    /// use tower_auth::KeyRing;
    ///
    /// let before = KeyRing::insecure_from_seed(7);
    /// let rotated = KeyRing::insecure_from_seeds([8, 7]);
    /// ```
    #[must_use]
    pub fn insecure_from_seeds(seeds: impl IntoIterator<Item = u64>) -> Self {
        let key = |seed: u64| expand(&seed.to_be_bytes(), Purpose::Seed.anywhere());
        let keys: Vec<_> = seeds.into_iter().map(key).collect();
        assert!(!keys.is_empty(), "a ring has at least one key");
        Self::unchecked(keys.iter().map(Secret::expose))
    }

    /// A new key in the text form that [`parse`](Self::parse) reads: base64 of 32 random bytes.
    #[must_use]
    pub fn generate_key() -> Secret<String> {
        Secret::new(text::encode(&*Zeroizing::new(random::<MIN>())))
    }

    /// Reads keys as text: base64 (either alphabet, padded or not), one a line, newest first;
    /// empty lines and lines that begin with `#` are skipped.
    ///
    /// Copies that are made on the way are overwritten; `text` itself is the caller's.
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
        Self::new(text::decode(text, &['\n'])?)
    }

    /// Reads keys from a file, as [`parse`](Self::parse) does. Copies of its text are overwritten.
    ///
    /// Make it with `(umask 077; openssl rand -base64 32 > keys)`. On Unix, if others than its
    /// owner may open the file, the first layer that is built with the ring emits the
    /// [event](crate::event) `key_file_open`, whose detail is the path and what to do; a ring in a file
    /// of mode 0600 emits none.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and [`File`](KeyRingError::File) if the file cannot be read, or is
    /// longer than 64 KiB.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyRingError> {
        let path = path.as_ref();
        let (text, exposure) = text::read(path).map_err(|error| {
            // The system's error does not say which file.
            let named = format!("{}: {error}", path.display());
            KeyRingError::File(std::io::Error::new(error.kind(), named))
        })?;
        let exposed = exposure.map(|exposure| ExposedFile::new(path, exposure));
        Self::checked(text::decode(&text, &['\n'])?, exposed)
    }

    /// Reads keys from an environment variable, as [`parse`](Self::parse) does; commas part keys
    /// too.
    ///
    /// Copies of its text are overwritten. The environment itself stays: it lies in this process's
    /// memory until it ends, in `/proc/<pid>/environ`, and in that of every child process that
    /// inherits it. [`from_file`](Self::from_file) leaves nothing of that kind.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and [`NotSet`](KeyRingError::NotSet) if the variable is not set.
    pub fn from_env(name: &str) -> Result<Self, KeyRingError> {
        let text =
            text::read_env(name).ok_or_else(|| KeyRingError::NotSet { name: name.into() })?;
        Self::new(text::decode(&text, &['\n', ','])?)
    }

    fn checked<I>(keys: I, exposed: Option<ExposedFile>) -> Result<Self, KeyRingError>
    where
        I: IntoIterator<Item: AsRef<[u8]>>,
    {
        let mut ring: Vec<(KeyId, Secret<Vec<u8>>)> = Vec::new();
        for (at, key) in keys.into_iter().enumerate() {
            let (key, position) = (key.as_ref(), at + 1);
            if key.len() < MIN {
                return Err(KeyRingError::TooShort { position, bytes: key.len() });
            }
            if is_not_random(key) {
                return Err(KeyRingError::NotRandom { position });
            }
            let named = named(key);
            if ring.iter().any(|(it, _)| *it == named.0) {
                return Err(KeyRingError::Twice { position });
            }
            ring.push(named);
        }
        if ring.is_empty() {
            return Err(KeyRingError::NoKey);
        }
        Ok(Self::from_parts(ring, exposed))
    }

    /// A ring of keys that are not looked at.
    pub(crate) fn unchecked<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self::from_parts(keys.into_iter().map(|key| named(key.as_ref())).collect(), None)
    }

    fn from_parts(keys: Vec<(KeyId, Secret<Vec<u8>>)>, exposed: Option<ExposedFile>) -> Self {
        Self(Arc::new(Ring { keys: keys.into(), exposed, reported: AtomicBool::new(false) }))
    }

    /// Tells these events, the first that have a sink, that others may open the ring's file. Every
    /// layer that is built with a ring calls it: whoever read the file has no sink.
    pub(crate) fn report(&self, events: &Events) {
        let Some(file) = &self.0.exposed else { return };
        let event = Event::new(Kind::KeyFileOpen, "KeyRing").because(file.exposure.code());
        let event = event.detail(&file.detail);
        // Without a sink only `tracing` hears of it, and it is told only once in any case.
        if events.is_none() || !self.0.reported.swap(true, Ordering::Relaxed) {
            events.emit_once(event);
        }
    }

    /// The ring's keys, derived for what they are bound to.
    pub(crate) fn derive(&self, bound: Bound<'_>) -> PurposeKeys {
        let keys = self.0.keys.iter();
        PurposeKeys::derive(keys.map(|(id, key)| (*id, key.expose().as_slice())), bound)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("keys", &self.0.keys.len()).finish_non_exhaustive()
    }
}

/// A key with its id, which is derived like any purpose, so that it tells nothing of the key.
fn named(key: &[u8]) -> (KeyId, Secret<Vec<u8>>) {
    let [a, b, c, d, ..] = *expand(key, Purpose::KeyId.anywhere()).expose();
    ([a, b, c, d], Secret::new(key.to_vec()))
}
