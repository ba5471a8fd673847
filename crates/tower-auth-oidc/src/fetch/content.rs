//! The content of an answer, read up to a limit.

use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::failed::failed;
use crate::address::Address;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::shown::shown;

/// Reads the content. It must be UTF-8, and must not exceed `max_bytes`.
pub(super) async fn read(
    address: &Address,
    mut response: Response,
    max_bytes: usize,
) -> Result<String, ProviderError> {
    let refused = |problem: String| {
        let text = format!("{}: {problem}", address.url());
        ProviderError::new(ProviderErrorKind::Answer, text)
    };
    let too_large = || {
        refused(format!(
            "the answer has more than {max_bytes} bytes: check the address, or set a larger \
             .max_bytes"
        ))
    };
    if let Some(encoding) = response.headers().get(CONTENT_ENCODING)
        && encoding != "identity"
    {
        let encoding = shown(&String::from_utf8_lossy(encoding.as_bytes()));
        return Err(refused(format!(
            "the answer is compressed ({encoding}), which was not asked for"
        )));
    }
    // Only an early end. The length may be absent, so the limit also counts what arrives.
    let announced = response.content_length().unwrap_or(0);
    if announced > max_bytes as u64 {
        return Err(too_large());
    }
    let mut content = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(address, error))? {
        if chunk.len() > max_bytes - content.len() {
            return Err(too_large());
        }
        content.extend_from_slice(&chunk);
    }
    String::from_utf8(content)
        .map_err(|_| refused("the answer is not UTF-8 text: check the address".into()))
}
