//! The addresses that may be fetched: those that the operator configured, and those that a
//! provider's document names.
//!
//! An address is checked twice. Here by its text, which includes IP literals. And after its name
//! was resolved, on each connection: see `fetch::resolver`.

mod allowed;
mod reach;
#[cfg(test)]
mod tests;

use reqwest::Url;

pub(crate) use allowed::Allowed;

use crate::error::{ProviderError, ProviderErrorKind};
use crate::shown::shown;

/// The maximum length of an address, in bytes. Providers' addresses have about a hundred.
const MAX_LENGTH: usize = 2048;

/// An address that may be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    url: Url,
    allowed: Allowed,
    configured_origin: bool,
}

impl Address {
    /// Checks an address that the operator configured. It may be in a private network.
    ///
    /// `setting` names its place in the configuration, for the error.
    pub(crate) fn configured(
        text: &str,
        setting: &str,
        insecure_http: bool,
    ) -> Result<Self, ProviderError> {
        let refused = |problem: &str| {
            let text = format!("{setting}: {}: {problem}", shown(text));
            ProviderError::new(ProviderErrorKind::Config, text)
        };
        let url = parse(text).map_err(refused)?;
        let allowed = match url.scheme() {
            "https" => Allowed::ANY,
            _ if is_loopback(&url) => Allowed::LOOPBACK,
            _ if insecure_http => Allowed::ANY,
            _ => {
                return Err(refused(
                    "plain http is only for loopback, because anyone on the path can replace the \
                     keys: use https, or .insecure_http() if you trust the network",
                ));
            }
        };
        Ok(Self { url, allowed, configured_origin: true })
    }

    /// Checks an address that a document from `self` names as its `member`.
    ///
    /// It must have the origin of `self`, or be https and public. If `self` is on loopback, it may
    /// be on loopback, too. Otherwise a document could make this process connect to servers that
    /// only this process can reach.
    pub(crate) fn named(&self, text: &str, member: &str) -> Result<Self, ProviderError> {
        let refused = |problem: &str| {
            let text = format!(
                "the document {} names {} as its \"{member}\": {problem}",
                self.url,
                shown(text)
            );
            ProviderError::new(ProviderErrorKind::Address, text)
        };
        let url = parse(text).map_err(refused)?;
        if url.origin() == self.url.origin() {
            return Ok(Self { url, ..self.clone() });
        }
        let from_loopback = is_loopback(&self.url);
        let allowed = match (url.scheme(), from_loopback) {
            ("https", false) => Allowed::PUBLIC,
            ("https", true) => Allowed::PUBLIC_OR_LOOPBACK,
            (_, true) if is_loopback(&url) => Allowed::LOOPBACK,
            _ => {
                return Err(refused(
                    "of another origin, only https is accepted: if the address is right, \
                     configure it with Provider::jwks",
                ));
            }
        };
        // A name is judged once it is resolved, except for names that are always this machine's.
        let is_allowed = match host_ip(&url) {
            Some(ip) => allowed.allows(ip),
            None => from_loopback || !is_loopback(&url),
        };
        if !is_allowed {
            return Err(refused(&format!(
                "of another origin, only {} is accepted: if the address is right, configure it \
                 with Provider::jwks",
                allowed.text()
            )));
        }
        Ok(Self { url, allowed, configured_origin: false })
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the addresses that a connection may lead to.
    pub(crate) fn allowed(&self) -> Allowed {
        self.allowed
    }

    /// Returns `true` if the operator configured this address, or another one of its origin.
    pub(crate) fn has_configured_origin(&self) -> bool {
        self.configured_origin
    }

    /// Returns `true` if no one between this process and the server can read what is sent.
    pub(crate) fn is_confidential(&self) -> bool {
        self.url.scheme() == "https" || self.allowed == Allowed::LOOPBACK
    }
}

/// Reads an address. Refuses texts that other readers of addresses read differently.
fn parse(text: &str) -> Result<Url, &'static str> {
    if text.len() > MAX_LENGTH {
        return Err("is longer than 2048 bytes");
    }
    // The standard of the web drops or converts these silently.
    if text.contains(|it: char| it.is_control() || it.is_whitespace() || it == '\\') {
        return Err("contains a space, a control character or a backslash");
    }
    let url =
        Url::parse(text).map_err(|_| "is not an absolute address, such as https://id.example")?;
    match url.scheme() {
        "https" | "http" => {}
        _ => return Err("is neither https nor http"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("contains a user name or password: remove it");
    }
    if url.fragment().is_some() {
        return Err("contains a fragment (#…): remove it");
    }
    Ok(url)
}

/// Returns the host of an address if it is an IP address, in whatever spelling.
fn host_ip(url: &Url) -> Option<std::net::IpAddr> {
    // The reader of addresses has already normalized IPv4 (`0x7f.1`), and brackets mark IPv6.
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Returns `true` if the host is a loopback address, or a name that is reserved for loopback
/// (RFC 6761). Such a name must still resolve to a loopback address.
fn is_loopback(url: &Url) -> bool {
    match host_ip(url) {
        Some(ip) => Allowed::LOOPBACK.allows(ip),
        None => {
            let host = url.host_str().unwrap_or_default();
            let host = host.strip_suffix('.').unwrap_or(host);
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}
