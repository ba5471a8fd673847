//! What a trusted proxy says of the address that the client called.

use std::borrow::Cow;

use http::header::{FORWARDED, HeaderMap, HeaderName};

use super::origin::{Authority, read_port};
use super::single::single;

const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");

/// Which headers the proxy sets. Never two kinds: a client could add the one that the proxy does
/// not know.
#[derive(Clone, Copy)]
pub(super) enum Headers {
    /// `X-Forwarded-Host`, `-Proto` and `-Port`.
    Each,
    /// `Forwarded` (RFC 7239).
    One,
}

/// The parts of the address; absent where the proxy does not say.
#[derive(Default)]
pub(super) struct Forwarded<'a> {
    pub(super) authority: Option<Authority<Cow<'a, str>>>,
    pub(super) https: Option<bool>,
    pub(super) port: Option<u16>,
}

impl<'a> Forwarded<'a> {
    /// Reads what stands there; `None` if it is said twice, contradicts itself or is malformed.
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
    // Every proxy on the way adds an element behind what came, in the same line or in one of its
    // own. Only the last is the word of the proxy that is trusted: the others may be the client's.
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

/// The most parameters of one element that are looked at: each is compared with those before it, and
/// the client chooses their number. RFC 7239 knows four.
const MOST: usize = 16;

/// What one proxy added.
#[derive(Default)]
struct Element<'a> {
    host: Option<Cow<'a, str>>,
    proto: Option<Cow<'a, str>>,
}

/// Reads a line's elements (RFC 7239, 4), and returns its last one; `before` if it has none.
fn last_element<'a>(line: &'a str, before: Element<'a>) -> Option<Element<'a>> {
    let mut last = before;
    // The parameters of this element so far.
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

/// `token "=" ( token / quoted-string )`, and what follows.
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

/// What stands before the closing quote, without its backslashes, and what follows.
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

/// The length of the token (RFC 9110, 5.6.2) at the beginning.
fn token(text: &str) -> Option<usize> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let end = text.bytes().position(|byte| !fits(byte)).unwrap_or(text.len());
    (end > 0).then_some(end)
}

fn trim(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}
