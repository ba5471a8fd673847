//! The address of a provider's keys.

use std::sync::Arc;

use tower_auth_core::Timestamp;

use super::status::Progress;
use crate::address::Address;
use crate::discovery::{Discovered, Rediscovered, discover, rediscover};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::fetch::{Fetch, Freshness};
use crate::random;
use crate::schedule::Bounds;

/// The address of a provider's keys.
pub(super) enum Location {
    Configured(Address),
    Discovered(Document),
}

/// The discovery document that names the address.
pub(super) struct Document {
    issuer: String,
    /// The addresses at which the document may be.
    candidates: Vec<Address>,
    known: Option<Box<Discovered>>,
    /// The time at which the document is fetched again.
    due: Timestamp,
    progress: Arc<Progress>,
}

impl Location {
    /// Returns the address of the keys. Fetches the discovery document if it is due.
    pub(super) async fn keys(
        &mut self,
        fetch: &Fetch,
        bounds: &Bounds,
        now: Timestamp,
    ) -> Result<Address, ProviderError> {
        match self {
            Self::Configured(address) => Ok(address.clone()),
            Self::Discovered(document) => document.keys(fetch, bounds, now).await,
        }
    }

    /// Notes that the address of the keys did not work: the document may name another one by now.
    pub(super) fn doubt(&mut self) {
        if let Self::Discovered(document) = self {
            document.due = Timestamp::from_unix_micros(0);
        }
    }
}

impl Document {
    pub(super) fn new(issuer: String, candidates: Vec<Address>, progress: Arc<Progress>) -> Self {
        let due = Timestamp::from_unix_micros(0);
        Self { issuer, candidates, known: None, due, progress }
    }

    async fn keys(
        &mut self,
        fetch: &Fetch,
        bounds: &Bounds,
        now: Timestamp,
    ) -> Result<Address, ProviderError> {
        let (address, freshness) = match self.known.take() {
            None => self.learn(discover(fetch, &self.issuer, &self.candidates).await?),
            Some(known) => {
                // Put back at once, because this future may be dropped while it waits.
                let known = self.known.insert(known);
                if now < self.due {
                    return Ok(known.keys.clone());
                }
                match rediscover(fetch, &self.issuer, known).await {
                    Ok(Rediscovered::Changed(found)) => self.learn(*found),
                    Ok(Rediscovered::Unchanged(freshness)) => (known.keys.clone(), freshness),
                    // The known address may still answer. The next attempt waits for the floor.
                    Err(error) if is_outage(error.kind()) => {
                        let at_the_floor = Freshness { no_cache: true, ..Freshness::default() };
                        (known.keys.clone(), at_the_floor)
                    }
                    // The provider says something else than before, so its keys are not confirmed.
                    Err(error) => return Err(error),
                }
            }
        };
        self.due = now + bounds.refresh_in(&freshness, random::fraction());
        Ok(address)
    }

    /// Keeps a new document.
    fn learn(&mut self, found: Discovered) -> (Address, Freshness) {
        self.progress.set_metadata(&found.metadata);
        let known = self.known.insert(Box::new(found));
        (known.keys.clone(), known.freshness)
    }
}

/// Returns `true` for an error of a provider that is down, and `false` if it said something wrong.
fn is_outage(kind: ProviderErrorKind) -> bool {
    use ProviderErrorKind::{Answer, TimedOut, Unreachable};
    matches!(kind, Answer | TimedOut | Unreachable)
}
