//! The key ring.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::{Events, Secret};
use zeroize::Zeroizing;

use super::KeyRingError;
use super::bound::{Bound, Purpose};
use super::purpose::{KeyId, PurposeKeys, expand};
use super::random::{is_not_random, random};
use super::text::{self, Exposure};

/// The minimum length of a key, in bytes.
const MIN: usize = 32;

/// The application's keys, newest first; see the [module documentation](super) for their rotation.
///
/// A clone is the same ring. `Debug` shows only the number of keys. The keys are overwritten when
/// the last clone is dropped.
#[derive(Clone)]
pub struct KeyRing(Arc<Ring>);

struct Ring {
    keys: Box<[(KeyId, Secret<Vec<u8>>)]>,
    /// Set if other users may open the key file.
    exposed: Option<ExposedFile>,
    /// Whether a sink has received the event.
    reported: AtomicBool,
}

/// A key file that other users may open, for an event.
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
    /// Creates a ring from keys, the newest first. Each key has at least 32 bytes from a random
    /// source.
    ///
    /// # Errors
    /// Fails if there is no key, if a key is too short or occurs twice, and if a key cannot be
    /// random. Such a key has at most 8 different bytes, or is a repeated text.
    ///
    /// ```
    /// use tower_auth::KeyRing;
    ///
    /// let key = KeyRing::generate_key(); // text; a secret manager may provide bytes
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

    /// Creates a ring with one new key, which is lost when the process ends. Use it for tests, and
    /// if a restart may log all users out. Two processes with random rings refuse each other's
    /// cookies.
    ///
    /// ```
    /// use tower_auth::KeyRing;
    ///
    /// let keys = KeyRing::random();
    /// ```
    #[must_use]
    pub fn random() -> Self {
        let key = Zeroizing::new(random::<MIN>());
        Self::unchecked([&key[..]])
    }

    /// Creates a ring with one key that anyone can compute. The same seed gives the same ring.
    /// **For tests only.**
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

    /// Creates a ring with one key per seed, the newest first, to test a rotation. **For tests
    /// only.** The key of a seed is that of [`insecure_from_seed`](Self::insecure_from_seed).
    ///
    /// # Panics
    /// Panics if there is no seed.
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

    /// Generates a key in the text form that [`parse`](Self::parse) reads: base64 of 32 random
    /// bytes.
    #[must_use]
    pub fn generate_key() -> Secret<String> {
        Secret::new(text::encode(&*Zeroizing::new(random::<MIN>())))
    }

    /// Reads keys from text: base64 (either alphabet, with or without padding), one key per line,
    /// newest first. Empty lines and lines that begin with `#` are skipped.
    ///
    /// Internal copies are overwritten; `text` itself belongs to the caller.
    ///
    /// # Errors
    /// Fails as [`new`](Self::new) does, and if a line is not base64. The error contains the line's
    /// number, not its text.
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

    /// Reads keys from a file, as [`parse`](Self::parse) does. Copies of the file's text are
    /// overwritten.
    ///
    /// Create the file with `(umask 077; openssl rand -base64 32 > keys)`. On Unix, the ring checks
    /// the file's permissions. If users other than the owner may open the file, the first layer
    /// that is built with the ring emits the [event](crate::event) `key_file_open`. The event's
    /// detail is the path and the fix. A file of mode 0600 causes no event.
    ///
    /// # Errors
    /// Fails as [`parse`](Self::parse) does. Returns [`File`](KeyRingError::File) if the file
    /// cannot be read, or is longer than 64 KiB.
    ///
    /// ```no_run
    /// use tower_auth::KeyRing;
    ///
    /// let ring = KeyRing::from_file("/etc/my-app/keys")?;
    /// # Ok::<_, tower_auth::keys::KeyRingError>(())
    /// ```
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyRingError> {
        let path = path.as_ref();
        let (text, exposure) = text::read(path).map_err(|error| {
            // The system's error does not name the file.
            let named = format!("{}: {error}", path.display());
            KeyRingError::File(std::io::Error::new(error.kind(), named))
        })?;
        let exposed = exposure.map(|exposure| ExposedFile::new(path, exposure));
        Self::checked(text::decode(&text, &['\n'])?, exposed)
    }

    /// Reads keys from an environment variable, as [`parse`](Self::parse) does. Commas separate
    /// keys too.
    ///
    /// Copies of the variable's text are overwritten. The environment itself stays: it is in this
    /// process's memory until the process ends, in `/proc/<pid>/environ`, and in every child
    /// process that inherits it. With [`from_file`](Self::from_file), no such copies remain.
    ///
    /// # Errors
    /// Fails as [`parse`](Self::parse) does. Returns [`NotSet`](KeyRingError::NotSet) if the
    /// variable is not set.
    ///
    /// ```no_run
    /// use tower_auth::KeyRing;
    ///
    /// let keys = KeyRing::from_env("APP_KEYS")?;
    /// # Ok::<_, tower_auth::keys::KeyRingError>(())
    /// ```
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

    /// Creates a ring without checking the keys.
    pub(crate) fn unchecked<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self::from_parts(keys.into_iter().map(|key| named(key.as_ref())).collect(), None)
    }

    fn from_parts(keys: Vec<(KeyId, Secret<Vec<u8>>)>, exposed: Option<ExposedFile>) -> Self {
        Self(Arc::new(Ring { keys: keys.into(), exposed, reported: AtomicBool::new(false) }))
    }

    /// Emits `key_file_open` to the first `events` that have a sink, if other users may open the
    /// ring's file. Every layer that is built with a ring calls this method, because the code that
    /// reads the file has no sink.
    pub(crate) fn report(&self, events: &Events) {
        let Some(file) = &self.0.exposed else { return };
        let event = Event::new(EventKind::KeyFileOpen, "KeyRing").because(file.exposure.code());
        let event = event.detail(&file.detail);
        // Without a sink, the event goes only to `tracing`, which receives it once in any case.
        if events.is_none() || !self.0.reported.swap(true, Ordering::Relaxed) {
            events.emit_once(event);
        }
    }

    /// Derives the ring's keys for `bound`.
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

/// Adds the id of a key. The id is derived like any purpose, so it reveals nothing about the key.
fn named(key: &[u8]) -> (KeyId, Secret<Vec<u8>>) {
    let [a, b, c, d, ..] = *expand(key, Purpose::KeyId.anywhere()).expose();
    ([a, b, c, d], Secret::new(key.to_vec()))
}
