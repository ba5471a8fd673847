//! Response headers that keep responses out of caches.

use http::header::{CACHE_CONTROL, EXPIRES, HeaderName};
use http::{HeaderMap, HeaderValue};

/// Vendor-specific fields that outrank `Cache-Control` and do not end in `-cache-control`.
const VENDORS: [&str; 3] = [
    // Akamai. Its `!no-store` stores a response although `Cache-Control: no-store` forbids it.
    "edge-control",
    // The W3C's Edge Architecture: Fastly, Varnish, Squid, Oracle.
    "surrogate-control",
    // nginx, and CDNs built on it.
    "x-accel-expires",
];

/// Forbids every cache to store the response: sets `Cache-Control: no-store` and removes the fields
/// that outrank it.
///
/// Some caches obey other fields before `Cache-Control`. These are removed:
///
/// - every field whose name ends in `-cache-control` (targeted cache control, RFC 9213:
///   `CDN-Cache-Control`, `Cloudflare-CDN-Cache-Control`, `X-LiteSpeed-Cache-Control`, …);
/// - `Surrogate-Control`, `Edge-Control` and `X-Accel-Expires`;
/// - `Expires`, the only field that an HTTP/1.0 cache understands, or a CDN that is configured to
///   honour it alone.
///
/// `Pragma` stays: its only value is `no-cache`.
///
/// ```
/// use http::HeaderMap;
/// # use tower_auth_core as tower_auth;
/// use tower_auth::caching::no_store;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("cache-control", "public, max-age=60".parse()?);
/// headers.insert("cdn-cache-control", "max-age=3600".parse()?);
/// no_store(&mut headers);
/// assert_eq!(headers.len(), 1);
/// assert_eq!(headers["cache-control"], "no-store");
/// # Ok::<_, http::header::InvalidHeaderValue>(())
/// ```
pub fn no_store(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    drop_outranking(headers);
}

/// Returns `true` if `Cache-Control` forbids caches to store the response.
///
/// Directive names are compared without case. Arguments of other directives, such as
/// `private="no-store"`, do not count.
#[must_use]
pub fn is_no_store(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(CACHE_CONTROL).iter();
    lines.map(HeaderValue::as_bytes).any(|line| {
        // The line that this crate writes.
        if line == b"no-store" {
            return true;
        }
        let mut directives = line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        directives.any(|directive| directive.eq_ignore_ascii_case(b"no-store"))
    })
}

/// Removes the fields that outrank `Cache-Control` (see [`no_store`]) if `Cache-Control` forbids to
/// store the response. Leaves every other response unchanged.
pub fn enforce(headers: &mut HeaderMap) {
    if is_no_store(headers) {
        drop_outranking(headers);
    }
}

fn drop_outranking(headers: &mut HeaderMap) {
    // Nearly always empty, and an empty `Vec` does not allocate.
    let outranking: Vec<HeaderName> = headers.keys().filter(|it| outranks(it)).cloned().collect();
    for name in outranking {
        headers.remove(name);
    }
}

fn outranks(name: &HeaderName) -> bool {
    // `HeaderName` is in lower case.
    name.as_str().ends_with("-cache-control")
        || VENDORS.contains(&name.as_str())
        || *name == EXPIRES
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{is_no_store, no_store};

    #[test]
    fn se_13_nothing_that_outranks_cache_control_stays_beside_no_store() {
        let outranking = [
            "CDN-Cache-Control",
            "Cloudflare-CDN-Cache-Control",
            "Vercel-CDN-Cache-Control",
            "Netlify-CDN-Cache-Control",
            "X-LiteSpeed-Cache-Control",
            "Any-Other-Cache-Control",
            "Surrogate-Control",
            "Edge-Control",
            "X-Accel-Expires",
            "Expires",
        ];
        let others = ["Pragma", "Age", "Vary", "ETag", "X-Cache-Control-Policy", "Surrogate-Key"];
        let mut headers = HeaderMap::new();
        for name in outranking.iter().chain(&others) {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name.clone(), HeaderValue::from_static("max-age=3600"));
            headers.append(name, HeaderValue::from_static("max-age=7200"));
        }
        headers.append("cache-control", HeaderValue::from_static("public"));
        headers.append("cache-control", HeaderValue::from_static("max-age=60"));
        no_store(&mut headers);
        for name in outranking {
            assert!(!headers.contains_key(name), "{name}");
        }
        for name in others {
            assert_eq!(headers.get_all(name).iter().count(), 2, "{name}");
        }
        let said: Vec<_> = headers.get_all("cache-control").iter().collect();
        assert_eq!(said, ["no-store"]);
    }

    #[test]
    fn no_store_is_a_directive_of_its_own() {
        for (lines, is_it) in [
            (&["no-store"][..], true),
            (&["private, No-Store ,max-age=0"], true),
            (&["private", "no-store"], true),
            (&[], false),
            (&["no-cache"], false),
            (&["no-store-please"], false),
            (&["ext=no-store"], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("cache-control", HeaderValue::from_static(line));
            }
            assert_eq!(is_no_store(&headers), is_it, "{lines:?}");
        }
    }
}
