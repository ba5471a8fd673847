//! What of a request the response depends on (RFC 9110, 12.5.5).

use http::header::{Entry, VARY};
use http::{HeaderMap, HeaderValue};

/// A request header on which a response depends. Each is a bit, since a request's layers collect
/// them.
#[derive(Clone, Copy)]
#[repr(u8)]
#[allow(dead_code, reason = "which rooms are there depends on the features")]
pub(crate) enum Vary {
    SecFetchSite = 2,
    Origin = 4,
    Cookie = 8,
}

impl Vary {
    const ALL: [Self; 3] = [Self::SecFetchSite, Self::Origin, Self::Cookie];

    /// Adds those whose bits are set, unless they are there.
    pub(super) fn write(bits: u8, headers: &mut HeaderMap) {
        for name in Self::ALL.into_iter().filter(|name| bits & *name as u8 != 0) {
            add(headers, name.value());
        }
    }

    fn value(self) -> HeaderValue {
        // Made when it is compiled, since it is checked byte by byte.
        const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
        const SEC_FETCH_SITE: HeaderValue = HeaderValue::from_static("Sec-Fetch-Site");
        const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
        match self {
            Self::Cookie => COOKIE,
            Self::SecFetchSite => SEC_FETCH_SITE,
            Self::Origin => ORIGIN,
        }
    }
}

fn add(headers: &mut HeaderMap, name: HeaderValue) {
    let names_it = |line: &HeaderValue| {
        let mut fields = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        fields.any(|it| it == b"*" || it.eq_ignore_ascii_case(name.as_bytes()))
    };
    match headers.entry(VARY) {
        Entry::Vacant(place) => {
            place.insert(name);
        }
        Entry::Occupied(mut lines) => {
            if !lines.iter().any(names_it) {
                lines.append(name);
            }
        }
    }
}
