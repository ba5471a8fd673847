//! Origins: scheme, host and port, read strictly and compared whole.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::CsrfConfigError;

/// An origin. Its host name is borrowed from a header, or owned if a setter provided it.
pub(super) struct Origin<N = String> {
    pub(super) https: bool,
    host: Host<N>,
    port: u16,
}

/// A host, and its port if the text has one.
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
    /// Parses exactly one origin: no path, no user, no list, not `null`.
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

    /// Returns whether the two origins differ only in the scheme. The default ports of both schemes
    /// count as the same.
    pub(super) fn differs_in_scheme<M: AsRef<str>>(&self, other: &Origin<M>) -> bool {
        let ports =
            self.port == other.port || (self.has_default_port() && other.has_default_port());
        self.https != other.https && ports && self.host.same(&other.host)
    }

    fn has_default_port(&self) -> bool {
        self.port == default_port(self.https)
    }

    /// Returns whether this is the origin of `authority` under this origin's scheme.
    pub(super) fn is_at<M: AsRef<str>>(&self, authority: &Authority<M>) -> bool {
        self.port == authority.port.unwrap_or(default_port(self.https))
            && self.host.same(&authority.host)
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }

    /// The name of the host, if the host is not an address.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name) => Some(name.as_ref()),
            Host::V6(_) => None,
        }
    }
}

impl Origin {
    /// Parses an origin that a setter got.
    pub(super) fn configured(setter: &'static str, value: &str) -> Result<Self, CsrfConfigError> {
        if let Some(Origin { https, host, port }) = Origin::parse(value) {
            let host = match host {
                Host::Name(name) => Host::Name(name.to_ascii_lowercase()),
                Host::V6(address) => Host::V6(address),
            };
            return Ok(Self { https, host, port });
        }
        let is_web = |scheme: &str| {
            value.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme))
        };
        let fix = if is_web("https://") || is_web("http://") {
            fix(value)
        } else {
            "begin with https:// (or http://)"
        };
        Err(CsrfConfigError::Origin { setter, value: value.into(), fix })
    }
}

/// The fix for a value that is no origin although its scheme is valid.
pub(super) fn fix(value: &str) -> &'static str {
    let rest = value.split_once("://").map_or("", |(_, rest)| rest);
    if !value.is_ascii() {
        "write the host as browsers send it, in punycode (xn--…)"
    } else if rest.contains('@') {
        "leave out the user"
    } else if rest.contains(['/', '?', '#']) {
        "leave out what follows host and port, also a trailing slash"
    } else if rest.contains('*') {
        "name each origin: there are no wildcards"
    } else {
        "write scheme://host or scheme://host:port"
    }
}

impl<'a> Authority<&'a str> {
    /// Parses `host` or `host:port`, as in `Host`. A user before the host is an error.
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
}

impl<N: AsRef<str>> Authority<N> {
    pub(super) fn is_loopback(&self) -> bool {
        self.host.is_loopback()
    }
}

impl<N> Authority<N> {
    /// The port, if the text had one.
    pub(super) const fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns the same host at `port`.
    pub(super) fn at_port(self, port: u16) -> Self {
        Self { port: Some(port), ..self }
    }

    /// Returns the same host with its name converted by `name`.
    pub(super) fn map<M>(self, name: impl FnOnce(N) -> M) -> Authority<M> {
        let host = match self.host {
            Host::Name(it) => Host::Name(name(it)),
            Host::V6(address) => Host::V6(address),
        };
        Authority { host, port: self.port }
    }

    /// Returns this authority's origin under the given scheme.
    pub(super) fn origin(self, https: bool) -> Origin<N> {
        let port = self.port.unwrap_or(default_port(https));
        Origin { https, host: self.host, port }
    }
}

/// Parses a port in its only canonical spelling.
pub(super) fn read_port(digits: &str) -> Option<u16> {
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    if is_number { digits.parse().ok() } else { None }
}

/// Parses an empty text, or a colon and a port in its only canonical spelling.
#[allow(clippy::option_option, reason = "a wrong port differs from a missing port")]
fn port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    read_port(text.strip_prefix(':')?).map(Some)
}

impl<N: AsRef<str>> Host<N> {
    fn same<M: AsRef<str>>(&self, other: &Host<M>) -> bool {
        match (self, other) {
            (Self::Name(a), Host::Name(b)) => a.as_ref().eq_ignore_ascii_case(b.as_ref()),
            (Self::V6(a), Host::V6(b)) => a == b,
            _ => false,
        }
    }

    /// Returns whether the host is `localhost`, a subdomain of it, or a loopback address. Browsers
    /// treat plain HTTP to these hosts as trustworthy (W3C Secure Contexts, 3.1).
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
