//! The source of a provider's keys, and the version of those in use.

use tower_auth::bearer::Fetch as Begun;
use tower_auth_core::Timestamp;

use super::location::Location;
use crate::address::Address;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::fetch::{Etag, Fetch, Fetched, Freshness};
use crate::schedule::Bounds;

/// The source of a provider's keys.
pub(super) struct Source {
    fetch: Fetch,
    location: Location,
    /// The version of the keys that are in use, and their address.
    version: Option<(Address, Etag)>,
}

/// A successful fetch of keys.
pub(super) struct Refreshed {
    pub(super) freshness: Freshness,
    pub(super) changed: bool,
}

impl Source {
    pub(super) fn new(fetch: Fetch, location: Location) -> Self {
        Self { fetch, location, version: None }
    }

    /// Fetches the keys, and replaces those in use. `begun` is the fetch that requests wait for; if
    /// it is dropped, it has failed.
    pub(super) async fn refresh(
        &mut self,
        begun: Begun<'_>,
        bounds: &Bounds,
        now: Timestamp,
    ) -> Result<Refreshed, ProviderError> {
        let address = self.location.keys(&self.fetch, bounds, now).await?;
        let refreshed = self.replace(begun, address).await;
        if refreshed.is_err() {
            self.location.doubt();
        }
        refreshed
    }

    async fn replace(
        &mut self,
        begun: Begun<'_>,
        address: Address,
    ) -> Result<Refreshed, ProviderError> {
        let version = self.version.as_ref().filter(|(of, _)| *of == address);
        match self.fetch.get(&address, version.map(|(_, etag)| etag)).await? {
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
}
