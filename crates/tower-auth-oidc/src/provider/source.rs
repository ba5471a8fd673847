//! The place of a provider's keys.

use std::sync::Arc;

use tower_auth::bearer::Fetch as Begun;
use tower_auth_core::{Clock, Timestamp};

use super::status::Progress;
use crate::address::Address;
use crate::discovery::{Discovered, Rediscovered, discover, rediscover};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::fetch::{Etag, Fetch, Fetched, Freshness};
use crate::random;
use crate::schedule::Bounds;

/// The place of a provider's keys, and what is known of them.
pub(super) struct Source {
    pub(super) fetch: Fetch,
    pub(super) clock: Clock,
    pub(super) bounds: Bounds,
    pub(super) location: Location,
    pub(super) progress: Arc<Progress>,
    /// The version of the keys that are in use, and their address.
    pub(super) version: Option<(Address, Etag)>,
}

/// The address of the keys.
pub(super) enum Location {
    Configured(Address),
    Discovered {
        issuer: String,
        /// The addresses at which the document may be.
        candidates: Vec<Address>,
        document: Option<Box<Discovered>>,
        /// The time at which the document is fetched again.
        due: Timestamp,
    },
}

/// A successful fetch of keys.
pub(super) struct Refreshed {
    pub(super) freshness: Freshness,
    pub(super) changed: bool,
}

impl Source {
    /// Fetches the keys, and replaces those in use. `begun` is the fetch that requests wait for; if
    /// it is dropped, it has failed.
    pub(super) async fn refresh(&mut self, begun: Begun<'_>) -> Result<Refreshed, ProviderError> {
        let address = self.locate().await?;
        let etag = self.version.as_ref().filter(|(of, _)| *of == address).map(|(_, etag)| etag);
        match self.fetch.get(&address, etag).await? {
            Fetched::Unchanged(freshness) => {
                begun.unchanged();
                Ok(Refreshed { freshness, changed: false })
            }
            Fetched::Content(content) => {
                let replaced = begun.replace(&content.text).map_err(|error| {
                    let text = format!("{}: {error}", address.url());
                    ProviderError::new(ProviderErrorKind::Keys, text)
                })?;
                // Only now: the next request must not ask for changes of keys that are not in use.
                self.version = content.etag.map(|etag| (address, etag));
                Ok(Refreshed { freshness: content.freshness, changed: replaced.changed })
            }
        }
    }

    /// Returns the address of the keys. Fetches the discovery document if it is due.
    async fn locate(&mut self) -> Result<Address, ProviderError> {
        let now = self.clock.now();
        let (issuer, candidates, document, due) = match &mut self.location {
            Location::Configured(address) => return Ok(address.clone()),
            Location::Discovered { issuer, candidates, document, due } => {
                (issuer, candidates, document, due)
            }
        };
        let freshness = match document {
            Some(known) if now < *due => return Ok(known.keys.clone()),
            None => {
                let found = discover(&self.fetch, issuer, candidates).await?;
                let freshness = found.freshness;
                self.progress.set_metadata(&found.metadata);
                *document = Some(Box::new(found));
                freshness
            }
            Some(known) => match rediscover(&self.fetch, issuer, known).await {
                Ok(Rediscovered::Unchanged(freshness)) => freshness,
                Ok(Rediscovered::Changed(found)) => {
                    let freshness = found.freshness;
                    self.progress.set_metadata(&found.metadata);
                    **known = *found;
                    freshness
                }
                // The provider says something else than before, so its keys are not confirmed.
                Err(error) if !is_outage(error.kind()) => return Err(error),
                // The address that is known may still answer. The document waits for the floor.
                Err(_) => Freshness { no_cache: true, ..Freshness::default() },
            },
        };
        *due = now + self.bounds.refresh_in(&freshness, random::fraction());
        match document {
            Some(known) => Ok(known.keys.clone()),
            None => unreachable!("a document was found above"),
        }
    }
}

/// Returns `true` for an error of a provider that is down, and `false` if it said something wrong.
fn is_outage(kind: ProviderErrorKind) -> bool {
    use ProviderErrorKind::{Answer, TimedOut, Unreachable};
    matches!(kind, Answer | TimedOut | Unreachable)
}
