//! Discovery: the document in which a provider names its addresses.

mod document;
mod metadata;
#[cfg(test)]
mod tests;
mod well_known;

pub use metadata::ProviderMetadata;

use crate::address::Address;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::fetch::{Etag, Fetch, FetchError, Fetched, Freshness};

pub(crate) use well_known::candidates;

/// A document that was fetched, and all that is needed to fetch it again.
#[derive(Debug)]
pub(crate) struct Discovered {
    pub(crate) metadata: ProviderMetadata,
    /// The address that answered. The document's addresses are checked against its origin.
    pub(crate) from: Address,
    /// The address of the keys, checked.
    pub(crate) keys: Address,
    pub(crate) etag: Option<Etag>,
    pub(crate) freshness: Freshness,
}

/// The result of a fetch that may find the document unchanged.
#[derive(Debug)]
pub(crate) enum Rediscovered {
    Changed(Box<Discovered>),
    Unchanged(Freshness),
}

/// Fetches the document of `issuer` from the first of the `addresses` that has one.
pub(crate) async fn discover(
    fetch: &Fetch,
    issuer: &str,
    addresses: &[Address],
) -> Result<Discovered, ProviderError> {
    let mut missing = None;
    for address in addresses {
        match fetch.get(address, None).await {
            Ok(Fetched::Content(content)) => {
                return Discovered::read(issuer, address, content);
            }
            // Only a conditional request is answered so.
            Ok(Fetched::Unchanged(_)) => {}
            // The first address is the one that the error names: it is the usual one.
            Err(FetchError::NotFound(error)) => missing = missing.or(Some(error)),
            Err(FetchError::Failed(error)) => return Err(error),
        }
    }
    Err(missing.unwrap_or_else(|| {
        let text = format!("{issuer}: no address of a discovery document is known");
        ProviderError::new(ProviderErrorKind::Config, text)
    }))
}

/// Fetches the document again, unless it is unchanged.
pub(crate) async fn rediscover(
    fetch: &Fetch,
    issuer: &str,
    before: &Discovered,
) -> Result<Rediscovered, ProviderError> {
    match fetch.get(&before.from, before.etag.as_ref()).await? {
        Fetched::Unchanged(freshness) => Ok(Rediscovered::Unchanged(freshness)),
        Fetched::Content(content) => {
            let discovered = Discovered::read(issuer, &before.from, content)?;
            Ok(Rediscovered::Changed(Box::new(discovered)))
        }
    }
}

impl Discovered {
    fn read(
        issuer: &str,
        from: &Address,
        content: crate::fetch::Content,
    ) -> Result<Self, ProviderError> {
        let metadata = ProviderMetadata::read(&content.text, issuer, from.url().as_str())?;
        let keys = match metadata.jwks_uri() {
            Some(address) => from.named(address, "jwks_uri")?,
            None => {
                let text = format!(
                    "{}: the document has no \"jwks_uri\": name the address of the keys with \
                     Provider::jwks",
                    from.url()
                );
                return Err(ProviderError::new(ProviderErrorKind::Document, text));
            }
        };
        let (etag, freshness) = (content.etag, content.freshness);
        Ok(Self { metadata, from: from.clone(), keys, etag, freshness })
    }
}
