//! Decides whether a response may remove a credential's cookie that proves nothing any more.

use http::HeaderMap;

/// Whether a stale cookie may be removed with this response.
///
/// On a top-level navigation, or for a client without Fetch Metadata: a background request that
/// lost a race against a login must not take the new cookie away.
pub(crate) fn may_remove(headers: &HeaderMap) -> bool {
    let (mut mode, mut dest, mut site) = (None, None, false);
    // One pass costs less than three look-ups, each of which hashes a name.
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
