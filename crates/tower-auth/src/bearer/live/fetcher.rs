//! The side of live keys that fetches them.

use std::sync::{Arc, Weak};

use tower_auth_core::{AnyTimer, Timer, Timestamp};

use super::refetch::Refetch;
use super::{KeySetError, LiveKeys, Replaced, Shared};

/// The side of [`LiveKeys`] that fetches them, for crates that speak to a provider.
///
/// A request whose token names an unknown key then waits for one fetch, within the limits of the
/// [builder](super::LiveKeysBuilder::refetch_window). The fetcher does not keep the keys alive. Its drop answers the requests that wait.
///
/// ```
/// use tower_auth::TokioTimer;
/// use tower_auth::bearer::{Algorithm, LiveKeys, Wanted};
///
/// async fn fetch() -> Option<String> {
///     None // your own client
/// }
///
/// let keys = LiveKeys::new([Algorithm::ES256]);
/// let fetcher = keys.fetcher(TokioTimer).expect("these keys have no fetcher yet");
/// let task = async move {
///     while let Wanted::Fetch = fetcher.wanted().await {
///         let begun = fetcher.begin();
///         match fetch().await {
///             Some(jwk_set) => drop(begun.replace(&jwk_set)),
///             None => begun.failed(),
///         }
///     }
/// };
/// # drop(task);
/// ```
pub struct KeyFetcher {
    keys: Weak<Shared>,
    refetch: Arc<Refetch>,
}

/// The result of [`KeyFetcher::wanted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "a fetcher must answer both, and there is no third")]
pub enum Wanted {
    /// A request waits for a key that is not in the set.
    Fetch,
    /// The last [`LiveKeys`] are gone.
    Closed,
}

/// A fetch in progress. If it is dropped, it has failed.
#[must_use = "a fetch that is dropped has failed"]
pub struct Fetch<'f> {
    fetcher: &'f KeyFetcher,
    began: Timestamp,
    ended: bool,
}

impl LiveKeys {
    /// Returns the side that fetches these keys, or `None` if there is a fetcher already.
    ///
    /// The timer limits how long requests wait.
    #[must_use]
    pub fn fetcher(&self, timer: impl Timer) -> Option<KeyFetcher> {
        let refetch = self.0.refetch.clone();
        let is_first = refetch.attach(AnyTimer::new(timer));
        is_first.then(|| KeyFetcher { keys: Arc::downgrade(&self.0), refetch })
    }
}

impl KeyFetcher {
    /// Waits until a request needs a key that is not in the set, or the keys are gone.
    pub async fn wanted(&self) -> Wanted {
        if self.refetch.wanted().await { Wanted::Fetch } else { Wanted::Closed }
    }

    /// Notes that a fetch begins. Requests with unknown keys wait for it, whatever its cause.
    pub fn begin(&self) -> Fetch<'_> {
        let now = self.keys.upgrade().map(|keys| keys.clock.now());
        self.refetch.begin();
        Fetch { fetcher: self, began: now.unwrap_or(Timestamp::from_unix_micros(0)), ended: false }
    }
}

impl Drop for KeyFetcher {
    fn drop(&mut self) {
        self.refetch.detach();
    }
}

impl Fetch<'_> {
    /// Ends the fetch with the JWK set that it brought. The set counts as published when the fetch
    /// began.
    ///
    /// # Errors
    /// Fails as [`LiveKeys::replace`] does. The fetch has then failed. Without the keys, the fetch
    /// changes nothing.
    pub fn replace(mut self, jwk_set: &str) -> Result<Replaced, KeySetError> {
        let Some(keys) = self.fetcher.keys.upgrade() else {
            return Ok(Replaced { changed: false, skipped: 0 });
        };
        let replaced = keys.replace(jwk_set, self.began);
        self.end(replaced.is_ok());
        replaced
    }

    /// Ends the fetch: the issuer still publishes the same keys.
    pub fn unchanged(mut self) {
        if let Some(keys) = self.fetcher.keys.upgrade() {
            keys.confirm(self.began);
        }
        self.end(true);
    }

    /// Ends the fetch without keys.
    pub fn failed(mut self) {
        self.end(false);
    }

    fn end(&mut self, succeeded: bool) {
        self.ended = true;
        self.fetcher.refetch.end(self.began, succeeded);
    }
}

impl Drop for Fetch<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.end(false);
        }
    }
}

tower_auth_core::opaque_debug!(KeyFetcher, "KeyFetcher");
tower_auth_core::opaque_debug!(Fetch<'_>, "Fetch");
