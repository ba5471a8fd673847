//! What of a request the response depends on (RFC 9110, 12.5.5).

use http::header::VARY;
use http::{HeaderMap, HeaderValue};

/// What of a request a response depends on. Each is a bit, since a request's layers collect them.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Vary {
    /// Where the request comes from.
    Sender = 2,
    Cookie = 4,
}

impl Vary {
    const ALL: [Self; 2] = [Self::Sender, Self::Cookie];

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Sender => &["Sec-Fetch-Site", "Origin"],
            Self::Cookie => &["Cookie"],
        }
    }

    const fn is_in(self, bits: u8) -> bool {
        bits & self as u8 != 0
    }

    /// Adds the names of those whose bits are set, unless they are there: as one line where there
    /// is none yet.
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

/// Made when it is compiled, since it is checked byte by byte.
fn line(bits: u8) -> Option<HeaderValue> {
    const SENDER: HeaderValue = HeaderValue::from_static("Sec-Fetch-Site, Origin");
    const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");
    const BOTH: HeaderValue = HeaderValue::from_static("Sec-Fetch-Site, Origin, Cookie");
    match (Vary::Sender.is_in(bits), Vary::Cookie.is_in(bits)) {
        (true, true) => Some(BOTH),
        (true, false) => Some(SENDER),
        (false, true) => Some(COOKIE),
        (false, false) => None,
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
        let both = Vary::Sender as u8 | Vary::Cookie as u8;
        for (handlers, expected) in [
            (None, &["Sec-Fetch-Site, Origin, Cookie"][..]),
            (Some("accept, origin"), &["accept, origin", "Sec-Fetch-Site", "Cookie"]),
            (Some("cookie"), &["cookie", "Sec-Fetch-Site", "Origin"]),
            (Some("*"), &["*"]),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(line) = handlers {
                headers.insert(VARY, HeaderValue::from_static(line));
            }
            Vary::write(both, &mut headers);
            let lines: Vec<_> = headers.get_all(VARY).iter().collect();
            assert_eq!(lines, expected);
        }
    }
}
