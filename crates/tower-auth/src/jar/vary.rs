//! The parts of a request that the response depends on (RFC 9110, 12.5.5).

#[cfg(feature = "_bearer")]
use http::HeaderName;
use http::header::VARY;
use http::{HeaderMap, HeaderValue};

/// A part of the request that a response depends on. Each is a bit, because a request's layers
/// collect them.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Vary {
    /// The origin of the request.
    Sender = 2,
    Cookie = 4,
    /// The token of the request, or its absence.
    Authorization = 8,
}

impl Vary {
    const ALL: [Self; 3] = [Self::Sender, Self::Cookie, Self::Authorization];

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Sender => &["Sec-Fetch-Site", "Origin"],
            Self::Cookie => &["Cookie"],
            Self::Authorization => &["Authorization"],
        }
    }

    pub(super) const fn is_in(self, bits: u8) -> bool {
        bits & self as u8 != 0
    }

    /// Adds these names, unless they are present. For a layer without a jar.
    #[cfg(feature = "csrf")]
    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        Self::write(self as u8, headers);
    }

    /// Adds the names whose bits are set, unless they are present. As one line if there is none
    /// yet.
    pub(super) fn write(bits: u8, headers: &mut HeaderMap) {
        let Some(line) = line(bits) else { return };
        if !headers.contains_key(VARY) {
            headers.insert(VARY, line);
            return;
        }
        let all = Self::ALL.into_iter().filter(|it| it.is_in(bits));
        for name in all.flat_map(Self::names) {
            if !headers.get_all(VARY).iter().any(|line| names_it(line, name)) {
                headers.append(VARY, HeaderValue::from_static(name));
            }
        }
    }
}

/// Returns the line for a set of bits. The lines are constants, because creating a value checks it
/// byte by byte.
fn line(bits: u8) -> Option<HeaderValue> {
    const SENDER: HeaderValue = HeaderValue::from_static("Sec-Fetch-Site, Origin");
    const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
    const TOKEN: HeaderValue = HeaderValue::from_static("Authorization");
    const SENDER_COOKIE: HeaderValue = HeaderValue::from_static("Sec-Fetch-Site, Origin, Cookie");
    const SENDER_TOKEN: HeaderValue =
        HeaderValue::from_static("Sec-Fetch-Site, Origin, Authorization");
    const COOKIE_TOKEN: HeaderValue = HeaderValue::from_static("Cookie, Authorization");
    const ALL: HeaderValue =
        HeaderValue::from_static("Sec-Fetch-Site, Origin, Cookie, Authorization");
    match [Vary::Sender, Vary::Cookie, Vary::Authorization].map(|it| it.is_in(bits)) {
        [false, false, false] => None,
        [true, false, false] => Some(SENDER),
        [false, true, false] => Some(COOKIE),
        [false, false, true] => Some(TOKEN),
        [true, true, false] => Some(SENDER_COOKIE),
        [true, false, true] => Some(SENDER_TOKEN),
        [false, true, true] => Some(COOKIE_TOKEN),
        [true, true, true] => Some(ALL),
    }
}

/// Adds the name of a header for which there is no bit, unless it is present.
#[cfg(feature = "_bearer")]
pub(crate) fn add_name(name: &HeaderName, headers: &mut HeaderMap) {
    if !headers.get_all(VARY).iter().any(|line| names_it(line, name.as_str())) {
        headers.append(VARY, name.clone().into());
    }
}

fn names_it(line: &HeaderValue, name: &str) -> bool {
    let mut fields = line.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    fields.any(|it| it == b"*" || it.eq_ignore_ascii_case(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use http::header::VARY;
    use http::{HeaderMap, HeaderValue};

    use super::Vary;

    #[test]
    fn what_a_handler_named_is_kept_and_not_said_again() {
        for (handlers, expected) in [
            (None, &["Sec-Fetch-Site, Origin, Cookie"][..]),
            (Some("accept, origin"), &["accept, origin", "Sec-Fetch-Site", "Cookie"]),
            (Some("cookie"), &["cookie", "Sec-Fetch-Site", "Origin"]),
            (Some("*"), &["*"]),
        ] {
            let lines = written(Vary::Sender as u8 | Vary::Cookie as u8, handlers);
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn every_set_of_bits_has_its_line() {
        for bits in 0..=u8::MAX {
            let names = Vary::ALL.into_iter().filter(|it| it.is_in(bits)).flat_map(Vary::names);
            let line = names.copied().collect::<Vec<_>>().join(", ");
            assert_eq!(written(bits, None).concat(), line, "{bits:b}");
        }
    }

    fn written(bits: u8, handlers: Option<&'static str>) -> Vec<String> {
        let mut headers = HeaderMap::new();
        if let Some(line) = handlers {
            headers.insert(VARY, HeaderValue::from_static(line));
        }
        Vary::write(bits, &mut headers);
        let lines = headers.get_all(VARY).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }
}
