//! Parses `Set-Cookie` as browsers do: leniently, and dropping the same cookies.

use std::time::Duration;

use tower_auth_core::Timestamp;

use super::date::parse_date;
use super::origin::{Origin, domain_matches};
use super::{Dropped, SameSite, StoredCookie};

const MAX_PAIR: usize = 4096;
const MAX_ATTRIBUTE: usize = 1024;
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A parsed `Set-Cookie` (RFC 6265bis, 5.6).
#[derive(Default)]
pub(super) struct SetCookie {
    name: Vec<u8>,
    value: Vec<u8>,
    max_age: Option<Timestamp>,
    expires: Option<Timestamp>,
    domain: Vec<u8>,
    /// `Some(None)` is a `Path` attribute without a usable value.
    path: Option<Option<Vec<u8>>>,
    secure: bool,
    http_only: bool,
    partitioned: bool,
    same_site: Option<SameSite>,
}

impl SetCookie {
    pub(super) fn parse(line: &[u8], now: Timestamp) -> Result<Self, Dropped> {
        if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
            return Err(Dropped::Malformed);
        }
        let mut parts = line.split(|byte| *byte == b';');
        let (name, value) = match split(parts.next().unwrap_or_default()) {
            (name, Some(value)) => (name, value),
            (value, None) => (&b""[..], value),
        };
        if name.is_empty() && value.is_empty() {
            return Err(Dropped::Malformed);
        }
        if name.len() + value.len() > MAX_PAIR {
            return Err(Dropped::TooLarge);
        }
        let mut cookie = Self { name: name.into(), value: value.into(), ..Self::default() };
        for part in parts {
            let (name, value) = split(part);
            cookie.attribute(name, value.unwrap_or_default(), now);
        }
        Ok(cookie)
    }

    /// Reads an attribute. The last of several equal attributes counts; an invalid one counts as
    /// absent.
    fn attribute(&mut self, name: &[u8], value: &[u8], now: Timestamp) {
        if value.len() > MAX_ATTRIBUTE {
            return;
        }
        match name.to_ascii_lowercase().as_slice() {
            b"expires" => {
                if let Some(at) = parse_date(value) {
                    self.expires = Some(at.min(now + MAX_AGE));
                }
            }
            b"max-age" => {
                if let Some(age) = parse_max_age(value) {
                    self.max_age = Some(age.map_or(Timestamp::from_unix_seconds(0), |it| now + it));
                }
            }
            b"domain" => {
                self.domain = value.strip_prefix(b".").unwrap_or(value).to_ascii_lowercase();
            }
            b"path" => self.path = Some(value.starts_with(b"/").then(|| value.into())),
            b"secure" => self.secure = true,
            b"httponly" => self.http_only = true,
            b"partitioned" => self.partitioned = true,
            b"samesite" => {
                self.same_site = match value.to_ascii_lowercase().as_slice() {
                    b"strict" => Some(SameSite::Strict),
                    b"lax" => Some(SameSite::Lax),
                    b"none" => Some(SameSite::None),
                    _ => None,
                };
            }
            _ => {}
        }
    }

    /// Returns the cookie to store (RFC 6265bis, 5.7), after the checks that need only the cookie
    /// itself.
    pub(super) fn into_stored(self, origin: &Origin, path: &str) -> Result<StoredCookie, Dropped> {
        let (domain, host_only) = self.scope(origin)?;
        if self.secure && !origin.is_secure() {
            return Err(Dropped::InsecureOrigin);
        }
        if (self.same_site == Some(SameSite::None) || self.partitioned) && !self.secure {
            return Err(Dropped::NeedsSecure);
        }
        self.check_prefix(host_only)?;
        let path = match self.path {
            Some(Some(path)) => path,
            _ => default_path(path).into(),
        };
        Ok(StoredCookie {
            name: self.name,
            value: self.value,
            domain,
            host_only,
            path,
            secure: self.secure,
            http_only: self.http_only,
            partitioned: self.partitioned,
            same_site: self.same_site,
            expires: self.max_age.or(self.expires),
            created: 0,
        })
    }

    fn scope(&self, origin: &Origin) -> Result<(String, bool), Dropped> {
        if self.domain.is_empty() {
            return Ok((origin.host.clone(), true));
        }
        let domain = std::str::from_utf8(&self.domain).map_err(|_| Dropped::Domain)?;
        if !domain.contains('.') {
            // The domain is public, but a host may name itself.
            let itself = domain == origin.host;
            return if itself { Ok((origin.host.clone(), true)) } else { Err(Dropped::Domain) };
        }
        if domain_matches(&origin.host, domain) {
            Ok((domain.into(), false))
        } else {
            Err(Dropped::Domain)
        }
    }

    fn check_prefix(&self, host_only: bool) -> Result<(), Dropped> {
        // A nameless cookie is sent as its value alone, so the value must not look like a prefixed
        // name.
        let begins = if self.name.is_empty() { &self.value } else { &self.name };
        let has = |prefix: &[u8]| {
            begins.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix))
        };
        let host = host_only && self.path.as_ref().is_some_and(|it| it.as_deref() == Some(b"/"));
        let kept = if has(b"__Host-Http-") {
            self.secure && self.http_only && host
        } else if has(b"__Host-") {
            self.secure && host
        } else if has(b"__Http-") {
            self.secure && self.http_only
        } else if has(b"__Secure-") {
            self.secure
        } else {
            return Ok(());
        };
        if kept && !self.name.is_empty() { Ok(()) } else { Err(Dropped::Prefix) }
    }
}

/// Splits at the first `=` and trims spaces and tabs on both sides.
fn split(part: &[u8]) -> (&[u8], Option<&[u8]>) {
    match part.iter().position(|byte| *byte == b'=') {
        Some(at) => (trim(&part[..at]), Some(trim(&part[at + 1..]))),
        None => (trim(part), None),
    }
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// `Some(None)` is an age that has passed already.
fn parse_max_age(value: &[u8]) -> Option<Option<Duration>> {
    let (negative, digits) = match value {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // A number that does not fit exceeds every limit.
    let seconds = std::str::from_utf8(digits).ok()?.parse().unwrap_or(u64::MAX);
    Some((!negative && seconds > 0).then(|| Duration::from_secs(seconds).min(MAX_AGE)))
}

/// Returns the path up to the last slash, without it (RFC 6265bis, 5.1.4).
fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(at) if at > 0 && path.starts_with('/') => &path[..at],
        _ => "/",
    }
}
