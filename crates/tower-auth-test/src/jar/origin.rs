//! Scheme and host of an address, as cookies see them.

use http::Uri;

pub(crate) struct Origin {
    scheme: String,
    pub(crate) host: String,
}

impl Origin {
    pub(crate) fn of(url: &Uri) -> Self {
        Self {
            scheme: url.scheme_str().unwrap_or("http").to_ascii_lowercase(),
            host: url.host().unwrap_or_default().to_ascii_lowercase(),
        }
    }

    /// Returns whether the address uses https or names this machine: browsers accept `Secure`
    /// cookies from both.
    pub(crate) fn is_secure(&self) -> bool {
        self.scheme == "https" || is_loopback(&self.host)
    }

    /// Returns the site: the scheme and the last two labels, because there is no public suffix
    /// list.
    fn site(&self) -> (&str, &str) {
        let host = self.host.as_str();
        let dots = host.rmatch_indices('.').nth(1);
        let site = dots.filter(|_| !is_address(host)).map_or(host, |(at, _)| &host[at + 1..]);
        (&self.scheme, site)
    }
}

pub(crate) fn same_site(a: &Origin, b: &Origin) -> bool {
    a.site() == b.site()
}

/// RFC 6265bis, 5.1.3.
pub(super) fn domain_matches(host: &str, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        Some("") => true,
        Some(before) => before.ends_with('.') && !is_address(host),
        None => false,
    }
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.parse::<std::net::Ipv4Addr>().is_ok_and(|it| it.is_loopback())
}
