//! The only code of this crate that opens connections: one bounded GET.
//!
//! - The resolver refuses addresses that are not allowed, on each connection.
//! - A redirect is an error, because its target was never checked.
//! - The whole fetch has one time limit, and the content has a size limit while it is read.
//! - No proxy is taken from the environment.

mod client;
mod content;
mod failed;
mod freshness;
mod list;
mod resolver;
#[cfg(test)]
pub(crate) mod tests;
mod token_file;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, AUTHORIZATION, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, LOCATION,
};
use reqwest::{Response, StatusCode};
use tower_auth_core::{AnyTimer, Timer as _};

pub(crate) use client::{ClientSettings, Clients};
pub(crate) use freshness::Freshness;

use crate::address::Address;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::race::{First, race};
use crate::shown::shown;

/// The limits of a fetch, and the credential that it may send.
#[derive(Clone, Debug)]
pub(crate) struct FetchSettings {
    /// The time limit for the whole fetch, from the look-up of the name to the last byte.
    pub(crate) timeout: Duration,
    /// The maximum size of the content, in bytes.
    pub(crate) max_bytes: usize,
    /// The file with a bearer token for the configured origin.
    pub(crate) token_file: Option<PathBuf>,
}

/// Fetches addresses of one provider.
#[derive(Clone)]
pub(crate) struct Fetch {
    clients: Arc<Clients>,
    settings: FetchSettings,
    timer: AnyTimer,
}

tower_auth_core::opaque_debug!(Fetch, "Fetch");

/// A successful answer.
#[derive(Debug)]
pub(crate) enum Fetched {
    Content(Content),
    /// The content with the given `ETag` is still current (304).
    Unchanged(Freshness),
}

/// The content of an answer.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) text: String,
    pub(crate) etag: Option<Etag>,
    pub(crate) freshness: Freshness,
}

/// The version of a content, as the server names it. It is sent back verbatim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Etag(HeaderValue);

/// The maximum length of an `ETag`, in bytes.
const MAX_ETAG: usize = 1024;

/// The reason why there is no content.
#[derive(Debug)]
pub(crate) enum FetchError {
    /// The server has nothing at this address (404).
    NotFound(ProviderError),
    Failed(ProviderError),
}

impl From<FetchError> for ProviderError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::NotFound(error) | FetchError::Failed(error) => error,
        }
    }
}

impl From<ProviderError> for FetchError {
    fn from(error: ProviderError) -> Self {
        Self::Failed(error)
    }
}

impl Fetch {
    pub(crate) fn new(clients: Clients, settings: FetchSettings, timer: AnyTimer) -> Self {
        Self { clients: Arc::new(clients), settings, timer }
    }

    /// Fetches the content of `address`, unless it still is the one with this `etag`.
    pub(crate) async fn get(
        &self,
        address: &Address,
        etag: Option<&Etag>,
    ) -> Result<Fetched, FetchError> {
        let limit = self.settings.timeout;
        match race(self.get_without_limit(address, etag), self.timer.sleep(limit)).await {
            First::Left(result) => result,
            First::Right(()) => {
                let text = format!(
                    "{}: no complete answer within {limit:?}: check that the provider works and \
                     can be reached from here, or set a longer .timeout",
                    address.url()
                );
                Err(ProviderError::new(ProviderErrorKind::TimedOut, text).into())
            }
        }
    }

    async fn get_without_limit(
        &self,
        address: &Address,
        etag: Option<&Etag>,
    ) -> Result<Fetched, FetchError> {
        let mut headers = HeaderMap::new();
        headers
            .insert(ACCEPT, HeaderValue::from_static("application/json, application/jwk-set+json"));
        if let Some(Etag(etag)) = etag {
            headers.insert(IF_NONE_MATCH, etag.clone());
        }
        if let Some(path) = &self.settings.token_file
            && address.has_configured_origin()
        {
            headers.insert(AUTHORIZATION, token_file::read(path).await?);
        }
        let client = self.clients.client(address)?;
        let sent = client.get(address.url().clone()).headers(headers).send().await;
        let response = sent.map_err(|error| failed::failed(address, error))?;
        self.read(address, response, etag.is_some()).await
    }

    async fn read(
        &self,
        address: &Address,
        response: Response,
        is_conditional: bool,
    ) -> Result<Fetched, FetchError> {
        let status = response.status();
        let freshness = Freshness::read(response.headers());
        match status {
            StatusCode::OK => {
                let etag = etag(response.headers()).filter(|_| !freshness.no_store);
                let text = content::read(address, response, self.settings.max_bytes).await?;
                Ok(Fetched::Content(Content { text, etag, freshness }))
            }
            StatusCode::NOT_MODIFIED if is_conditional => Ok(Fetched::Unchanged(freshness)),
            _ => Err(unsuccessful(address, status, response.headers())),
        }
    }
}

/// Returns the `ETag`. An overlong one is ignored.
fn etag(headers: &HeaderMap) -> Option<Etag> {
    let etag = headers.get(ETAG)?;
    (!etag.is_empty() && etag.len() <= MAX_ETAG).then(|| Etag(etag.clone()))
}

/// Describes a status that is not a success.
fn unsuccessful(address: &Address, status: StatusCode, headers: &HeaderMap) -> FetchError {
    let url = address.url();
    let location = headers.get(LOCATION).map(|it| shown(&String::from_utf8_lossy(it.as_bytes())));
    let text = match location {
        Some(target) if status.is_redirection() => format!(
            "{url}: redirects to {target}, and redirects are not followed: if the target is right, \
             configure it"
        ),
        _ if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN => format!(
            "{url}: answers {status}: if it requires a token, as the API server of Kubernetes does, \
             name its file with .bearer_token_file"
        ),
        _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            format!("{url}: answers {status}: the provider is overloaded or down")
        }
        _ => format!("{url}: answers {status}: check the address"),
    };
    let error = ProviderError::new(ProviderErrorKind::Answer, text);
    match status {
        StatusCode::NOT_FOUND => FetchError::NotFound(error),
        _ => FetchError::Failed(error),
    }
}
