//! The builder of [`LiveKeys`].

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::refetch::{Limits, Refetch};
use super::{LiveKeys, Shared, Snapshot};
use crate::Settings;
use crate::bearer::key::Keys;
use crate::bearer::{Algorithm, Backend};

/// Collects the settings of [`LiveKeys`].
#[must_use]
pub struct LiveKeysBuilder {
    algorithms: Vec<Algorithm>,
    backend: Backend,
    settings: Settings,
    stale_for: Duration,
    limits: Limits,
}

impl LiveKeys {
    /// Returns a builder for keys of tokens with these algorithms.
    pub fn builder(algorithms: impl IntoIterator<Item = Algorithm>) -> LiveKeysBuilder {
        LiveKeysBuilder {
            algorithms: algorithms.into_iter().collect(),
            backend: Backend::default(),
            settings: Settings::new(),
            stale_for: Duration::from_secs(12 * 3600),
            limits: Limits {
                window: Duration::from_secs(30),
                waiting: 256,
                wait: Duration::from_secs(5),
            },
        }
    }
}

impl LiveKeysBuilder {
    /// Sets the library that verifies signatures. Default: [`Backend::default`].
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Sets the clock and the events. Default: [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Sets how long the keys may be used after they were last replaced or confirmed. Default: 12
    /// hours.
    ///
    /// A longer time outlasts a longer outage of the provider. It is also the time for which a key
    /// that the provider withdrew may still be used, if an attacker keeps this process from
    /// reaching the provider.
    pub fn stale_for(mut self, age: Duration) -> Self {
        self.stale_for = age;
        self
    }

    /// Sets the minimum time between two fetches for unknown keys. Default: 30 seconds.
    ///
    /// A token with an unknown `kid` gets 401 within this time after a successful fetch, and 503
    /// within it after a failed one. So tokens with invented names cause at most one
    /// fetch in this time.
    pub fn refetch_window(mut self, window: Duration) -> Self {
        self.limits.window = window;
        self
    }

    /// Sets how many requests may wait for a fetch at once. Default: 256. Other requests with an
    /// unknown `kid` get 503.
    pub fn max_waiting(mut self, requests: usize) -> Self {
        self.limits.waiting = requests;
        self
    }

    /// Sets how long a request waits for a fetch. Default: 5 seconds. After that it gets 503.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.limits.wait = wait;
        self
    }

    /// Creates the keys. There are none yet.
    #[must_use]
    pub fn build(self) -> LiveKeys {
        LiveKeys(Arc::new(Shared {
            algorithms: self.algorithms,
            backend: self.backend,
            clock: self.settings.clock,
            events: self.settings.events,
            stale_for: self.stale_for,
            snapshot: ArcSwap::from_pointee(Snapshot { keys: Keys::none(), generation: 0 }),
            usable_until: AtomicU64::new(0),
            confirmed_at: AtomicU64::new(0),
            reported: Mutex::default(),
            refetch: Arc::new(Refetch::new(self.limits)),
        }))
    }
}

tower_auth_core::opaque_debug!(LiveKeysBuilder, "LiveKeysBuilder");
