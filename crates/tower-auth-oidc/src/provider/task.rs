//! The one task of a provider. It fetches at its times, and if a request needs an unknown key.

use std::sync::Arc;

use tower_auth::bearer::{KeyFetcher, Wanted};
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::timer::{AnyTimer, Sleep, Timer as _};
use tower_auth_core::{Clock, Events};

use super::source::Source;
use super::status::Progress;
use crate::error::ProviderError;
use crate::race::{First, race};
use crate::random;
use crate::schedule::Bounds;

/// The task. It holds no keys, so it does not keep them alive.
pub(super) struct Task {
    pub(super) fetcher: KeyFetcher,
    pub(super) source: Source,
    pub(super) bounds: Bounds,
    pub(super) clock: Clock,
    pub(super) timer: AnyTimer,
    /// Ends when it is time for the next fetch.
    pub(super) next: Sleep,
    pub(super) events: Events,
    pub(super) progress: Arc<Progress>,
}

impl Task {
    /// Fetches the keys whenever it is time, until the last holder of the keys is gone.
    pub(super) async fn run(mut self) {
        loop {
            match race(self.fetcher.wanted(), &mut self.next).await {
                First::Left(Wanted::Closed) => return,
                First::Left(Wanted::Fetch) | First::Right(()) => {}
            }
            // The status has the error.
            let _ = self.fetch().await;
        }
    }

    /// Fetches the keys once, and sets the time of the next fetch.
    pub(super) async fn fetch(&mut self) -> Result<(), ProviderError> {
        self.progress.begin();
        let begun = self.fetcher.begin();
        let refreshed = self.source.refresh(begun, &self.bounds, self.clock.now()).await;
        let now = self.clock.now();
        let (delay, result) = match refreshed {
            Ok(refreshed) => {
                self.progress.succeeded(now);
                let reason = if refreshed.changed { "changed" } else { "unchanged" };
                self.emit(EventKind::ProviderFetched, reason, None);
                (self.bounds.refresh_in(&refreshed.freshness, random::fraction()), Ok(()))
            }
            Err(error) => {
                let failures = self.progress.failed(error.clone());
                self.emit(EventKind::ProviderFailed, error.kind().code(), Some(&error));
                (self.bounds.retry_in(failures, random::fraction()), Err(error))
            }
        };
        self.next = self.timer.sleep(delay);
        self.progress.wait_until(now + delay);
        result
    }

    fn emit(&self, kind: EventKind, reason: &'static str, error: Option<&ProviderError>) {
        if !self.events.wants(kind) {
            return;
        }
        let event = Event::new(kind, "Provider").because(reason);
        match error {
            Some(error) => self.events.emit(event.detail(&error.to_string())),
            None => self.events.emit(event),
        }
    }
}
