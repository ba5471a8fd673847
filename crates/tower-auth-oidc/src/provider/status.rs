//! The state of a provider's keys.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tower_auth::bearer::LiveKeys;
use tower_auth_core::Timestamp;

use crate::discovery::ProviderMetadata;
use crate::error::ProviderError;

/// The state of a provider's keys, for health checks.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProviderStatus {
    /// The time since the provider last confirmed the keys. `None` without keys.
    pub keys_age: Option<Duration>,
    /// Whether tokens can be verified. Otherwise, requests with a token get 503.
    pub is_usable: bool,
    /// The time of the last successful fetch.
    pub last_success: Option<Timestamp>,
    /// The error of the last fetch. `None` if it was successful, or if there was none.
    pub last_error: Option<ProviderError>,
    /// The number of failed fetches since the last success.
    pub failures: u32,
    /// The time of the next fetch, unless a token with an unknown key causes one earlier. `None`
    /// while a fetch is in progress.
    pub next_refresh: Option<Timestamp>,
}

/// The reports of the task.
#[derive(Default)]
pub(super) struct Progress(Mutex<State>);

#[derive(Default)]
struct State {
    last_success: Option<Timestamp>,
    last_error: Option<ProviderError>,
    failures: u32,
    next_refresh: Option<Timestamp>,
    metadata: Option<Arc<ProviderMetadata>>,
}

impl Progress {
    pub(super) fn status(&self, keys: &LiveKeys) -> ProviderStatus {
        self.with(|state| ProviderStatus {
            keys_age: keys.age(),
            is_usable: keys.is_usable(),
            last_success: state.last_success,
            last_error: state.last_error.clone(),
            failures: state.failures,
            next_refresh: state.next_refresh,
        })
    }

    pub(super) fn metadata(&self) -> Option<Arc<ProviderMetadata>> {
        self.with(|state| state.metadata.clone())
    }

    pub(super) fn set_metadata(&self, metadata: &ProviderMetadata) {
        self.with(|state| state.metadata = Some(Arc::new(metadata.clone())));
    }

    pub(super) fn begin(&self) {
        self.with(|state| state.next_refresh = None);
    }

    pub(super) fn succeeded(&self, at: Timestamp) {
        self.with(|state| {
            state.last_success = Some(at);
            state.last_error = None;
            state.failures = 0;
        });
    }

    /// Returns the number of failures in a row, with this one.
    pub(super) fn failed(&self, error: ProviderError) -> u32 {
        self.with(|state| {
            state.last_error = Some(error);
            state.failures = state.failures.saturating_add(1);
            state.failures
        })
    }

    pub(super) fn wait_until(&self, next: Timestamp) {
        self.with(|state| state.next_refresh = Some(next));
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
