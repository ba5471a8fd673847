//! Decides whether a response may remove the cookie of a credential that is no longer valid.

use http::HeaderMap;

/// Returns `true` if this response may remove a stale cookie: on a top-level navigation, or for a
/// client without Fetch Metadata.
///
/// A background request that lost a race against a login must not remove the new cookie.
pub(crate) fn may_remove(headers: &HeaderMap) -> bool {
    let (mut mode, mut dest, mut site) = (None, None, false);
    // One pass is cheaper than three look-ups, each of which hashes a name.
    for (name, value) in headers {
        match name.as_str() {
            "sec-fetch-mode" => mode = mode.or(Some(value)),
            "sec-fetch-dest" => dest = dest.or(Some(value)),
            "sec-fetch-site" => site = true,
            _ => {}
        }
    }
    match mode {
        Some(mode) => mode == "navigate" && dest.is_some_and(|dest| dest == "document"),
        None => !site,
    }
}
