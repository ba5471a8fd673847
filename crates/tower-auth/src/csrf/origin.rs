//! Origins: scheme, host and port, read strictly and compared whole.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::ConfigError;

/// An origin; its host's name borrowed from a header, or kept from a setter.
pub(super) struct Origin<N = String> {
    pub(super) https: bool,
    host: Host<N>,
    port: u16,
}

/// A host, and a port where one was written.
pub(super) struct Authority<N> {
    host: Host<N>,
    port: Option<u16>,
}

enum Host<N> {
    Name(N),
    V6(Ipv6Addr),
}

const fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

impl<'a> Origin<&'a str> {
    /// Reads exactly one origin: no path, no user, no list, not `null`.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let Authority { host, port } = Authority::parse(rest)?;
        Some(Self { https, host, port: port.unwrap_or(default_port(https)) })
    }
}

impl<N: AsRef<str>> Origin<N> {
    pub(super) fn same<M: AsRef<str>>(&self, other: &Origin<M>) -> bool {
        self.https == other.https && self.port == other.port && self.host.same(&other.host)
    }

    /// Whether this is that authority's origin in the origin's own scheme.
    pub(super) fn is_at<M: AsRef<str>>(&self, authority: &Authority<M>) -> bool {
        self.port == authority.port.unwrap_or(default_port(self.https))
            && self.host.same(&authority.host)
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }
}

impl Origin {
    /// Reads what a setter was given.
    pub(super) fn configured(setter: &'static str, value: &str) -> Result<Self, ConfigError> {
        if let Some(Origin { https, host, port }) = Origin::parse(value) {
            let host = match host {
                Host::Name(name) => Host::Name(name.to_ascii_lowercase()),
                Host::V6(address) => Host::V6(address),
            };
            return Ok(Self { https, host, port });
        }
        let rest = value.split_once("://").map(|(_, rest)| rest);
        let is_web = |scheme: &str| {
            value.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme))
        };
        let fix = match rest {
            _ if !is_web("https://") && !is_web("http://") => "begin with https:// (or http://)",
            _ if !value.is_ascii() => "write the host as browsers send it, in punycode (xn--…)",
            Some(rest) if rest.contains('@') => "leave the user out",
            Some(rest) if rest.contains(['/', '?', '#']) => {
                "leave out what follows host and port, a closing slash too"
            }
            Some(rest) if rest.contains('*') => "name each origin: there are no wildcards",
            _ => "write scheme://host or scheme://host:port",
        };
        Err(ConfigError::Origin { setter, value: value.into(), fix })
    }
}

impl<'a> Authority<&'a str> {
    /// Reads `host` or `host:port`, as in `Host`; a user before them makes it none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix('[') {
            let (address, rest) = rest.split_once(']')?;
            return Some(Self { host: Host::V6(address.parse().ok()?), port: port(rest)? });
        }
        let end = text.find(':').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let is_host = !name.is_empty() && name.bytes().all(fits);
        if !is_host {
            return None;
        }
        Some(Self { host: Host::Name(name), port: port(rest)? })
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }
}

/// Nothing, or a colon and a port in its one spelling.
#[allow(clippy::option_option, reason = "a port that is wrong is not one that is left out")]
fn port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.strip_prefix(':')?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if is_number { digits.parse().ok().map(Some) } else { None }
}

impl<N: AsRef<str>> Host<N> {
    fn same<M: AsRef<str>>(&self, other: &Host<M>) -> bool {
        match (self, other) {
            (Self::Name(a), Host::Name(b)) => a.as_ref().eq_ignore_ascii_case(b.as_ref()),
            (Self::V6(a), Host::V6(b)) => a == b,
            _ => false,
        }
    }

    /// `localhost`, what is under it, and the loopback addresses: where browsers take plain HTTP
    /// for trustworthy (W3C Secure Contexts, 3.1).
    fn is_loopback(&self) -> bool {
        let name = match self {
            Self::V6(address) => return address.is_loopback(),
            Self::Name(name) => name.as_ref(),
        };
        let end = name.len().saturating_sub(".localhost".len());
        name.eq_ignore_ascii_case("localhost")
            || name.get(end..).is_some_and(|end| end.eq_ignore_ascii_case(".localhost"))
            || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
    }
}
