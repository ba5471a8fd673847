//! The bearer token for the configured origin, read from its file at each fetch.
//!
//! Kubernetes replaces the file before the token in it expires.

use std::path::Path;

use reqwest::header::HeaderValue;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use crate::error::{ProviderError, ProviderErrorKind};

/// The maximum size of the file, in bytes. Tokens of Kubernetes have about one thousand.
const MAX_BYTES: u64 = 16 * 1024;

/// Returns the header's value, which is never shown.
pub(super) async fn read(path: &Path) -> Result<HeaderValue, ProviderError> {
    let refused = |problem: &str| {
        let text = format!(".bearer_token_file: {}: {problem}", path.display());
        ProviderError::new(ProviderErrorKind::Config, text)
    };
    let read = async {
        let mut content = Vec::new();
        File::open(path).await?.take(MAX_BYTES + 1).read_to_end(&mut content).await?;
        Ok::<_, std::io::Error>(content)
    };
    let content = read.await.map_err(|error| refused(&format!("cannot be read: {error}")))?;
    if content.len() as u64 > MAX_BYTES {
        return Err(refused("is larger than a token: check the path"));
    }
    let token = content.trim_ascii();
    // Also keeps line breaks out of the header.
    if token.is_empty() || !token.iter().all(u8::is_ascii_graphic) {
        return Err(refused("does not contain one token: check the path"));
    }
    let mut value = HeaderValue::from_bytes(&[b"Bearer ", token].concat())
        .map_err(|_| refused("does not contain one token: check the path"))?;
    value.set_sensitive(true);
    Ok(value)
}
