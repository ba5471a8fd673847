//! Keys that change while the process runs.

mod builder;
mod error;
mod fetcher;
mod refetch;
mod snapshot;
mod wait;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::{Clock, Events, Timestamp};

pub use builder::LiveKeysBuilder;
pub use error::KeySetError;
pub use fetcher::{Fetch, KeyFetcher, Wanted};
pub(super) use refetch::Answer;
pub(super) use snapshot::Snapshot;
pub(super) use wait::KeyWait;

use super::key::{self, Keys};
use super::{Algorithm, Backend};
use refetch::Refetch;

/// The keys of an issuer, which can be replaced while the process runs.
///
/// A provider's client ([`KeyFetcher`]), a task that watches a file, or a test replaces them. A
/// clone is the same set of keys.
///
/// - Until the first [`replace`](Self::replace), requests with a token get 503.
/// - A key that disappeared from the set verifies no token from then on, also none that was
///   remembered. A key that stays is not verified again.
/// - The keys may be used for [`stale_for`](LiveKeysBuilder::stale_for) after they were last
///   replaced or [confirmed](Self::confirm). After that, requests with a token get 503, since the
///   issuer may have withdrawn a key.
///
/// ```
/// use tower_auth::bearer::{Algorithm, BearerJwtLayer, LiveKeys};
///
/// let keys = LiveKeys::new([Algorithm::EdDSA]);
/// keys.replace(r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"1",
///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#)?;
/// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
///     .live_keys(&keys)
///     .build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// Keys that may be used for an hour, with an application's own clock and events:
///
/// ```
/// use std::time::Duration;
/// use tower_auth::Settings;
/// use tower_auth::bearer::{Algorithm, LiveKeys};
///
/// let keys = LiveKeys::builder([Algorithm::RS256, Algorithm::ES256])
///     .settings(&Settings::new())
///     .stale_for(Duration::from_secs(3600))
///     .build();
/// assert!(!keys.is_usable());
/// ```
#[derive(Clone)]
pub struct LiveKeys(Arc<Shared>);

/// A reference to [`LiveKeys`] that does not keep them alive.
#[derive(Clone)]
pub struct WeakLiveKeys(Weak<Shared>);

/// The result of [`LiveKeys::replace`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replaced {
    /// Whether the set differs from the one before.
    pub changed: bool,
    /// The number of keys in the document that are not used.
    pub skipped: usize,
}

pub(super) struct Shared {
    algorithms: Vec<Algorithm>,
    backend: Backend,
    clock: Clock,
    events: Events,
    stale_for: Duration,
    snapshot: ArcSwap<Snapshot>,
    /// The time until which the snapshot may be used, in microseconds. 0 without keys.
    usable_until: AtomicU64,
    /// The time of the last replacement or confirmation, in microseconds. 0 without keys.
    confirmed_at: AtomicU64,
    /// Held while a set replaces another. Holds the last report of skipped keys, so that a set that
    /// is fetched every hour is reported once.
    reported: Mutex<String>,
    refetch: Arc<Refetch>,
}

impl LiveKeys {
    /// Creates keys for tokens with these algorithms, with the default settings. There are no keys
    /// yet.
    pub fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        Self::builder(algorithms).build()
    }

    /// Replaces the keys by those of a JWK set (RFC 7517), given as JSON.
    ///
    /// Keys that cannot verify a token here are skipped, and reported by the event
    /// `bearer_keys_skipped` when the skipped keys change.
    ///
    /// # Errors
    /// Fails if the set would be refused by [`jwk_set`](super::BearerJwtLayerBuilder::jwk_set), or
    /// if none of its keys can be used. The keys then stay as they are.
    pub fn replace(&self, jwk_set: &str) -> Result<Replaced, KeySetError> {
        self.0.replace(jwk_set, self.0.clock.now())
    }

    /// Notes that the issuer still publishes the same keys.
    ///
    /// It does nothing if there are no keys.
    pub fn confirm(&self) {
        self.0.confirm(self.0.clock.now());
    }

    /// Returns the time since the keys were last replaced or confirmed; `None` without keys.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        match self.0.confirmed_at.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(self.0.clock.now().since(Timestamp::from_unix_micros(micros))),
        }
    }

    /// Returns `true` if there are keys and they are not too old to be used.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.usable(self.0.clock.now()).is_some()
    }

    /// Returns the algorithms of these keys.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.0.algorithms
    }

    /// Returns a reference that does not keep the keys alive.
    #[must_use]
    pub fn downgrade(&self) -> WeakLiveKeys {
        WeakLiveKeys(Arc::downgrade(&self.0))
    }

    /// Returns the snapshot if it may be used. Takes no lock.
    pub(super) fn usable(&self, now: Timestamp) -> Option<Guard<Arc<Snapshot>>> {
        let until = self.0.usable_until.load(Ordering::Acquire);
        (now.as_unix_micros() < until).then(|| self.0.snapshot.load())
    }

    /// Answers a token whose key is not in the snapshot of this number. `waited` says whether the
    /// request has already waited for a fetch.
    pub(super) fn ask(&self, generation: u64, waited: bool) -> Answer {
        let is_current = || self.0.snapshot.load().generation == generation;
        self.0.refetch.ask(is_current, waited, self.0.clock.now())
    }
}

impl WeakLiveKeys {
    /// Returns the keys, if a layer or another holder still has them.
    #[must_use]
    pub fn upgrade(&self) -> Option<LiveKeys> {
        self.0.upgrade().map(LiveKeys)
    }
}

impl Shared {
    fn replace(&self, jwk_set: &str, fetched_at: Timestamp) -> Result<Replaced, KeySetError> {
        let set =
            key::read_set(jwk_set, &self.algorithms, self.backend).map_err(KeySetError::new)?;
        let (count, why) = (set.skipped.len(), key::describe(&set.skipped));
        let mut keys = Keys::new(set.keys).map_err(KeySetError::duplicate)?;
        if keys.is_empty() {
            return Err(KeySetError::unusable(count, &why));
        }
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.snapshot.load();
        let changed = !keys.keep_unchanged(&old.keys);
        if changed {
            self.snapshot.store(Arc::new(Snapshot { keys, generation: old.generation + 1 }));
        }
        self.note_confirmed(fetched_at);
        let is_news = *reported != why;
        reported.clone_from(&why);
        // A sink may replace keys itself.
        drop(reported);
        if is_news && count > 0 {
            let event = Event::new(EventKind::BearerKeysSkipped, "LiveKeys");
            self.events.emit(event.detail(&why));
        }
        Ok(Replaced { changed, skipped: count })
    }

    fn confirm(&self, at: Timestamp) {
        // The lock keeps the order of a replacement and a confirmation.
        let _held = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if self.confirmed_at.load(Ordering::Relaxed) != 0 {
            self.note_confirmed(at);
        }
    }

    fn note_confirmed(&self, at: Timestamp) {
        let until = (at + self.stale_for).as_unix_micros();
        self.confirmed_at.store(at.as_unix_micros().max(1), Ordering::Relaxed);
        self.usable_until.store(until, Ordering::Release);
    }
}

impl Drop for Shared {
    /// Tells the task that fetches these keys to end.
    fn drop(&mut self) {
        self.refetch.close();
    }
}

impl fmt::Debug for LiveKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveKeys").field("algorithms", &self.0.algorithms).finish_non_exhaustive()
    }
}

tower_auth_core::opaque_debug!(WeakLiveKeys, "WeakLiveKeys");
