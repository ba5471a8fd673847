//! The hosts that a browser may have sent a request to.
//!
//! A proxy may have replaced `Host`, and then names the host that the browser called in
//! `X-Forwarded-Host` or `Forwarded`; a fetch also names it in `Origin`. The layer trusts none of
//! these headers, and need not: they only name cookies to remove, and a browser ignores a removal
//! for a domain that it has not called.

use http::header::{FORWARDED, HOST, HeaderName, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The longest name of a host (RFC 1035, 2.3.4). The client chooses the header, and each of its
/// labels is a candidate.
const LONGEST: usize = 253;

/// The headers that name a host, as received.
#[derive(Debug)]
pub(super) struct Hosts {
    x_forwarded: Option<HeaderValue>,
    forwarded: Option<HeaderValue>,
    host: Option<HeaderValue>,
    origin: Option<HeaderValue>,
}

impl Hosts {
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let first = |name| headers.get(name).cloned();
        Self {
            x_forwarded: first(X_FORWARDED_HOST),
            forwarded: first(FORWARDED),
            host: first(HOST),
            origin: first(ORIGIN),
        }
    }

    /// Returns the hosts that these headers and the URI name, the most likely first. The host that
    /// a proxy reports comes before the name by which the proxy calls this server. The page of
    /// another site is last.
    pub(super) fn read(&self, uri: &Uri) -> Vec<String> {
        let x_forwarded = text(&self.x_forwarded).map(first);
        let forwarded = text(&self.forwarded).and_then(forwarded);
        let called = uri.authority().map(Authority::as_str).or_else(|| text(&self.host));
        let origin = text(&self.origin).and_then(|it| Some(it.split_once("://")?.1));
        let mut hosts = Vec::new();
        for host in [x_forwarded, forwarded, called, origin].into_iter().flatten().filter_map(host)
        {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }
}

/// Returns `true` if `host` equals `domain` or is below it.
pub(super) fn is_under(host: &str, domain: &str) -> bool {
    let Some(at) = host.len().checked_sub(domain.len()) else { return false };
    let ends = host.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(domain));
    ends && (at == 0 || host.as_bytes()[at - 1] == b'.')
}

fn text(value: &Option<HeaderValue>) -> Option<&str> {
    value.as_ref()?.to_str().ok()
}

/// Returns the entry of the outermost proxy, which received the browser's request.
fn first(list: &str) -> &str {
    list.split(',').next().unwrap_or_default().trim()
}

/// Returns the `host` of the first element of `Forwarded` (RFC 7239).
fn forwarded(list: &str) -> Option<&str> {
    let mut pairs = first(list).split(';').filter_map(|it| it.split_once('='));
    let (_, host) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("host"))?;
    Some(host.trim().trim_matches('"'))
}

/// Returns the host in an authority, in one spelling.
fn host(authority: &str) -> Option<String> {
    let authority: Authority = authority.parse().ok()?;
    let host = authority.host().trim_end_matches('.');
    (host.len() <= LONGEST).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, Uri};

    use super::{Hosts, is_under};

    fn hosts(uri: &'static str, lines: &[(&'static str, &'static str)]) -> Vec<String> {
        let line = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        let headers: HeaderMap = lines.iter().map(line).collect();
        Hosts::new(&headers).read(&Uri::from_static(uri))
    }

    #[test]
    fn each_header_that_names_a_host_is_read_and_none_twice() {
        let lines = [
            ("host", "backend.internal:8080"),
            ("x-forwarded-host", "WWW.App.Example:443, edge.internal"),
            ("forwarded", "for=1.2.3.4;Host=\"m.app.example:443\";proto=https, host=edge.internal"),
            ("origin", "https://app.example"),
        ];
        let all = ["www.app.example", "m.app.example", "backend.internal", "app.example"];
        assert_eq!(hosts("/", &lines), all);
        assert_eq!(
            hosts("/", &[("host", "a.example"), ("origin", "https://a.example")]),
            ["a.example"]
        );
        // In HTTP/2, the URI contains the host.
        assert_eq!(hosts("https://b.example/x", &[("host", "a.example")]), ["b.example"]);
    }

    #[test]
    fn what_is_no_host_names_none() {
        let lines = [
            ("host", "not a host"),
            ("x-forwarded-host", ", app.example"),
            ("forwarded", "for=\"[::1]\""),
            ("origin", "null"),
        ];
        assert!(hosts("/", &lines).is_empty(), "{:?}", hosts("/", &lines));
    }

    #[test]
    fn a_domain_is_a_whole_number_of_labels() {
        assert!(
            is_under("www.app.example", "APP.example") && is_under("app.example", "app.example")
        );
        for (host, domain) in
            [("myapp.example", "app.example"), ("example", "app.example"), ("é.a", "b.a")]
        {
            assert!(!is_under(host, domain), "{host}");
        }
    }
}
