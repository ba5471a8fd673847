//! The time for which an answer is fresh (RFC 9111), read leniently.

use std::time::Duration;

use reqwest::header::{AGE, CACHE_CONTROL, HeaderMap};

use super::list::directives;

/// The largest number of seconds that is stored (RFC 9111, 1.2.2).
const MAX_SECONDS: u64 = 1 << 31;

/// The server's statement about the time for which an answer is fresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Freshness {
    /// `max-age`, less the `Age` that the answer had in other caches.
    pub(crate) max_age: Option<Duration>,
    /// The answer must not be stored. Keys are configuration and not a cached answer, so they stay
    /// in use. The `ETag` is forgotten.
    pub(crate) no_store: bool,
    /// The answer is to be asked for again before each use.
    pub(crate) no_cache: bool,
}

impl Freshness {
    /// Reads the header fields. `Expires` is ignored, because it depends on two clocks.
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut freshness = Self::default();
        let mut max_age: Option<u64> = None;
        let fields = headers.get_all(CACHE_CONTROL).iter();
        for field in fields.filter_map(|it| std::str::from_utf8(it.as_bytes()).ok()) {
            for (name, value) in directives(field) {
                if name.eq_ignore_ascii_case("no-store") {
                    freshness.no_store = true;
                } else if name.eq_ignore_ascii_case("no-cache") {
                    freshness.no_cache = true;
                } else if name.eq_ignore_ascii_case("max-age") {
                    // A value that is not a number is stale. Of several values the smallest counts.
                    let age = value.as_deref().and_then(seconds).unwrap_or(0);
                    max_age = Some(max_age.map_or(age, |it| it.min(age)));
                }
            }
        }
        let age = headers.get(AGE).and_then(|it| seconds(it.to_str().ok()?)).unwrap_or(0);
        freshness.max_age = max_age.map(|it| Duration::from_secs(it.saturating_sub(age)));
        freshness
    }
}

/// Reads a number of seconds. A number that is too large is the largest that is stored.
fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| text.parse().map_or(MAX_SECONDS, |it: u64| it.min(MAX_SECONDS)))
}
