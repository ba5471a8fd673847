//! When a credential's cookie that proves nothing any more may be taken from the client.

use http::HeaderMap;
use http::header::HeaderName;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Whether a stale cookie may be removed with this response.
///
/// On a top-level navigation, or for a client without Fetch Metadata: a background request that
/// lost a race against a login must not take the new cookie away.
pub(crate) fn may_remove(headers: &HeaderMap) -> bool {
    match headers.get(SEC_FETCH_MODE) {
        Some(mode) => {
            mode == "navigate" && headers.get(SEC_FETCH_DEST).is_some_and(|dest| dest == "document")
        }
        None => !headers.contains_key(SEC_FETCH_SITE),
    }
}
