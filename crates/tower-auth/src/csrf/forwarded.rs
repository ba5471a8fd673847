//! The address that the client called, as a trusted proxy reports it.

use std::borrow::Cow;

use http::header::{FORWARDED, HeaderMap, HeaderName};

use super::origin::{Authority, read_port};
use super::single::single;

const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// The headers that the proxy sets. Never both kinds: a client could add the kind that the proxy
/// does not know.
#[derive(Clone, Copy)]
pub(super) enum Headers {
    /// `X-Forwarded-Host`, `-Proto` and `-Port`.
    Each,
    /// `Forwarded` (RFC 7239).
    One,
}

/// The parts of the address; a part is `None` if the proxy does not name it.
#[derive(Default)]
pub(super) struct Forwarded<'a> {
    pub(super) authority: Option<Authority<Cow<'a, str>>>,
    pub(super) https: Option<bool>,
    pub(super) port: Option<u16>,
}

impl<'a> Forwarded<'a> {
    /// Reads the headers; `None` if a value is repeated, contradictory or malformed.
    pub(super) fn read(which: Headers, headers: &'a HeaderMap) -> Option<Self> {
        match which {
            Headers::Each => each(headers),
            Headers::One => one(headers),
        }
    }
}

fn each(headers: &HeaderMap) -> Option<Forwarded<'_>> {
    let text = |name| Some(single(headers, name).ok()?.map(Cow::Borrowed));
    let port = match single(headers, PORT).ok()? {
        Some(text) => Some(read_port(text)?),
        None => None,
    };
    forwarded(text(HOST)?, text(PROTO)?, port)
}

fn one(headers: &HeaderMap) -> Option<Forwarded<'_>> {
    // Every proxy on the way appends an element, in the same line or in its own. Only the last
    // element comes from the trusted proxy: the client may have sent the others.
    let mut last = Element::default();
    for line in headers.get_all(FORWARDED) {
        last = last_element(line.to_str().ok()?, last)?;
    }
    forwarded(last.host, last.proto, None)
}

fn forwarded<'a>(
    host: Option<Cow<'a, str>>,
    proto: Option<Cow<'a, str>>,
    port: Option<u16>,
) -> Option<Forwarded<'a>> {
    let authority = match host {
        Some(Cow::Borrowed(host)) => Some(Authority::parse(host)?.map(Cow::Borrowed)),
        Some(Cow::Owned(host)) => Some(Authority::parse(&host)?.map(|it| it.to_owned().into())),
        None => None,
    };
    let https = match proto {
        Some(proto) if proto.eq_ignore_ascii_case("https") => Some(true),
        Some(proto) if proto.eq_ignore_ascii_case("http") => Some(false),
        Some(_) => return None,
        None => None,
    };
    let named = authority.as_ref().and_then(Authority::port);
    if named.zip(port).is_some_and(|(named, port)| named != port) {
        return None;
    }
    Some(Forwarded { authority, https, port })
}

/// The maximum number of parameters that one element may have. Each is compared with those before
/// it, and the client chooses their number. RFC 7239 defines four.
const MOST: usize = 16;

/// The element that one proxy added.
#[derive(Default)]
struct Element<'a> {
    host: Option<Cow<'a, str>>,
    proto: Option<Cow<'a, str>>,
}

/// Reads a line's elements (RFC 7239, 4) and returns the last one, or `before` if there is none.
fn last_element<'a>(line: &'a str, before: Element<'a>) -> Option<Element<'a>> {
    let mut last = before;
    // The parameters of the current element so far.
    let mut seen: Vec<&str> = Vec::new();
    let mut rest = trim(line);
    while let Some(first) = rest.bytes().next() {
        match first {
            b',' => seen.clear(),
            b';' => {}
            _ => {
                let (name, value, behind) = pair(rest)?;
                if seen.len() == MOST || seen.iter().any(|it| it.eq_ignore_ascii_case(name)) {
                    return None;
                }
                if seen.is_empty() {
                    last = Element::default();
                }
                seen.push(name);
                if name.eq_ignore_ascii_case("host") {
                    last.host = Some(value);
                } else if name.eq_ignore_ascii_case("proto") {
                    last.proto = Some(value);
                }
                rest = trim(behind);
                if rest.is_empty() || rest.starts_with([',', ';']) {
                    continue;
                }
                return None;
            }
        }
        rest = trim(&rest[1..]);
    }
    Some(last)
}

/// Reads `token "=" ( token / quoted-string )`, and returns the rest of the text with it.
fn pair(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let (name, rest) = text.split_at(token(text)?);
    let rest = rest.strip_prefix('=')?;
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => unquote(quoted)?,
        None => {
            let (value, rest) = rest.split_at(token(rest)?);
            (Cow::Borrowed(value), rest)
        }
    };
    Some((name, value, rest))
}

/// Reads up to the closing quote, without the backslashes, and returns the rest of the text as
/// well.
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let (plain, behind) = rest.split_at(rest.find(['"', '\\'])?);
        value += plain;
        let mut behind = behind.chars();
        if behind.next() == Some('"') {
            return Some((value, behind.as_str()));
        }
        value.to_mut().push(behind.next()?);
        rest = behind.as_str();
    }
}

/// The length of the token (RFC 9110, 5.6.2) at the start of the text.
fn token(text: &str) -> Option<usize> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let end = text.bytes().position(|byte| !fits(byte)).unwrap_or(text.len());
    (end > 0).then_some(end)
}

fn trim(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}
