//! The scopes of a cookie besides the scope that it is configured for.
//!
//! A request contains its cookies, but not their scopes. So the response removes a cookie of the
//! same name from every other scope that may hold it. These are the host alone and each domain above
//! it, with `/`, the configured path and each path above the request's. Browsers distinguish a path
//! from the same path with a trailing slash.

use cookie::Cookie;
use http::{HeaderMap, Uri};

use super::Jar;
use super::check;
use super::hosts::{Hosts, is_under};

/// The number of removals that a layer may add to one response. Each is a header line.
const MOST: usize = 20;

/// The longest path that browsers accept for a cookie (RFC 6265bis, 5.6).
const PATH: usize = 1024;

/// Returns `true` if a cookie of this name has one scope only. Browsers keep a cookie with prefix
/// `__Host-`, in any case, only for the host and for `/` (CK-11).
pub(crate) fn is_host_only(name: &str) -> bool {
    name.get(..7).is_some_and(|prefix| prefix.eq_ignore_ascii_case("__Host-"))
}

/// The host and the path of a request. They are parsed only if a cookie is removed.
#[derive(Debug)]
pub(crate) struct RequestTarget {
    uri: Uri,
    hosts: Hosts,
}

impl RequestTarget {
    pub(crate) fn new(uri: &Uri, headers: &HeaderMap) -> Self {
        Self { uri: uri.clone(), hosts: Hosts::new(headers) }
    }

    fn path(&self) -> &str {
        Some(self.uri.path()).filter(|it| it.len() <= PATH).unwrap_or("/")
    }

    /// Returns the hosts that the browser may have called, the most likely first.
    fn hosts(&self, public: Option<&str>) -> Vec<String> {
        let said = self.hosts.read(&self.uri);
        public.map(str::to_owned).into_iter().chain(said).collect()
    }

    /// Returns `/`, the configured path, and each path above the request's, with and without a
    /// trailing slash. The request's own path is one of them.
    fn paths<'a>(&'a self, configured: Option<&'a str>) -> Vec<&'a str> {
        let mut paths = vec![configured.unwrap_or("/")];
        let path = self.path();
        let slashes = path.match_indices('/');
        let above = slashes.flat_map(|(at, _)| [&path[..at.max(1)], &path[..=at]]);
        // At most as many as can be used: the client chooses the depth of the path.
        for path in std::iter::once("/").chain(above.take(MOST)).chain([path]) {
            if path.starts_with('/') && !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }

    /// Returns the template's cookie in up to `most` other scopes of these hosts, the most likely
    /// first.
    fn others(
        &self,
        hosts: &[String],
        template: &Cookie<'static>,
        most: usize,
    ) -> Vec<Cookie<'static>> {
        let bare = |it: &str| it.strip_prefix('.').unwrap_or(it).to_ascii_lowercase();
        let own_domain = template.domain().map(bare);
        let domains = domains(hosts, template.domain());
        let mut others = Vec::new();
        for path in self.paths(template.path()) {
            for domain in std::iter::once(None).chain(domains.iter().copied().map(Some)) {
                if others.len() == most {
                    return others;
                }
                let is_own =
                    Some(path) == template.path().or(Some("/")) && domain.map(bare) == own_domain;
                if is_own {
                    continue;
                }
                let mut cookie = template.clone();
                cookie.set_path(path.to_owned());
                match domain {
                    Some(domain) => cookie.set_domain(domain.to_owned()),
                    None => cookie.unset_domain(),
                }
                // A request's path may contain characters that no attribute may contain.
                if check(&cookie).is_ok() {
                    others.push(cookie);
                }
            }
        }
        others
    }
}

/// Returns the domains for which a host of this list can set a cookie.
///
/// An address has none: there is no domain above it, and browsers accept none for it. If a cookie
/// for the configured domain is not sent to a host, that host is another server's name for this
/// one, and is left out.
fn domains<'a>(hosts: &'a [String], configured: Option<&'a str>) -> Vec<&'a str> {
    let configured = configured.map(|it| it.strip_prefix('.').unwrap_or(it));
    let is_served = |host: &&str| {
        configured.is_none_or(|domain| is_under(host, domain) || is_under(domain, host))
    };
    let mut domains: Vec<&str> = Vec::new();
    for host in hosts.iter().map(String::as_str).filter(is_served).chain(configured) {
        if host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() {
            continue;
        }
        let parents = host.match_indices('.').map(|(at, _)| &host[at + 1..]);
        for domain in std::iter::once(host).chain(parents).filter(|it| it.contains('.')) {
            // At most as many as can be used: the client chooses the number of labels.
            if domains.len() == MOST {
                return domains;
            }
            if !domains.iter().any(|it| it.eq_ignore_ascii_case(domain)) {
                domains.push(domain);
            }
        }
    }
    domains
}

#[cfg(any(feature = "csrf", feature = "refresh", feature = "session"))]
impl Jar {
    /// Removes these cookies from every other scope that may hold them. `public` is the
    /// application's public host, if it is configured.
    pub(crate) fn remove_all_elsewhere(
        &self,
        templates: &[Cookie<'static>],
        place: &RequestTarget,
        public: Option<&str>,
    ) {
        let hosts = place.hosts(public);
        let most = MOST / templates.len().max(1);
        let scoped = templates.iter().filter(|it| !is_host_only(it.name()));
        for cookie in scoped.flat_map(|template| place.others(&hosts, template, most)) {
            // Fails only if the head was already sent, and then no cookie needs removing either.
            let _ = self.remove_elsewhere(cookie);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use cookie::Cookie;
    use http::{HeaderMap, Uri};

    use super::{MOST, RequestTarget, is_host_only};

    fn place(uri: &str, host: Option<&str>) -> RequestTarget {
        let mut headers = HeaderMap::new();
        if let Some(host) = host {
            headers.insert("host", host.parse().unwrap());
        }
        RequestTarget::new(&uri.parse::<Uri>().unwrap(), &headers)
    }

    /// Returns domain (`-` for the host alone) and path.
    fn scopes(place: &RequestTarget, domain: Option<&str>, path: &str) -> Vec<String> {
        let mut template = Cookie::build(("id", "")).path(path.to_owned()).build();
        if let Some(domain) = domain {
            template.set_domain(domain.to_owned());
        }
        let others = place.others(&place.hosts(None), &template, MOST);
        let scope =
            |it: &Cookie<'_>| format!("{} {}", it.domain().unwrap_or("-"), it.path().unwrap());
        let scopes: Vec<_> = others.iter().map(scope).collect();
        let distinct: HashSet<_> = scopes.iter().collect();
        assert_eq!(distinct.len(), scopes.len(), "{scopes:?}");
        scopes
    }

    #[test]
    fn d46_every_domain_of_the_host_but_the_configured_one() {
        let place = place("/", Some("www.app.example:8443"));
        let now_above = scopes(&place, Some("app.example"), "/");
        assert_eq!(now_above, ["- /", "www.app.example /"]);
        let now_below = scopes(&place, Some("www.app.example"), "/");
        assert_eq!(now_below, ["- /", "app.example /"]);
        let now_host_only = scopes(&place, None, "/");
        assert_eq!(now_host_only, ["www.app.example /", "app.example /"]);
    }

    #[test]
    fn hosts_that_the_configured_domain_does_not_serve_take_no_room() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "auth.prod.svc.cluster.local"),
            ("x-forwarded-host", "www.app.example"),
            ("origin", "https://evil.example"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        let place = RequestTarget::new(&Uri::from_static("/"), &headers);
        assert_eq!(scopes(&place, Some("app.example"), "/"), ["- /", "www.app.example /"]);
        // Without a configured domain, each host is a candidate; the host that the proxy names is
        // first.
        let all = scopes(&place, None, "/");
        assert_eq!(all[..2], ["www.app.example /", "app.example /"]);
        assert!(all.iter().any(|it| it == "evil.example /"), "{all:?}");
    }

    #[test]
    fn d46_every_path_above_the_requests_and_the_configured_one() {
        let place = place("http://app.example/shop/cart?a=/b", None);
        let found: HashSet<_> = scopes(&place, None, "/app").into_iter().collect();
        for path in ["/", "/shop", "/shop/", "/shop/cart"] {
            assert!(found.contains(&format!("- {path}")), "{found:?}");
            assert!(found.contains(&format!("app.example {path}")), "{found:?}");
        }
        assert!(found.contains("app.example /app") && !found.contains("- /app"));
        // A cookie for `/shop/cart/` would not have been sent.
        assert_eq!(found.len(), 9);
    }

    #[test]
    fn addresses_and_single_labels_have_no_domain() {
        for host in ["127.0.0.1:80", "[::1]:80", "localhost:3000", "", "not a host", "."] {
            let place = place("/", Some(host));
            assert!(scopes(&place, None, "/").is_empty(), "{host}");
            assert_eq!(scopes(&place, None, "/app"), ["- /"], "{host}");
        }
    }

    #[test]
    fn a_root_dot_and_capitals_name_the_same_host() {
        let place = place("/", Some("WWW.App.Example."));
        assert_eq!(scopes(&place, Some(".APP.example"), "/"), ["- /", "www.app.example /"]);
    }

    #[test]
    fn no_more_lines_than_a_client_can_take() {
        let deep = "/a".repeat(300);
        let place = place(&deep, Some("a.b.c.d.e.f.g.example"));
        assert_eq!(scopes(&place, None, "/").len(), MOST);
    }

    #[test]
    fn a_host_or_a_path_that_none_can_have_is_no_candidate() {
        let long = format!("{}example", "a.".repeat(30_000));
        assert_eq!(scopes(&place("/", Some(&long)), None, "/app"), ["- /"]);
        let deep = format!("/{}", "a/".repeat(20_000));
        assert!(scopes(&place(&deep, Some("localhost")), None, "/").is_empty());
    }

    #[test]
    fn a_path_that_no_attribute_can_hold_is_left_out() {
        let place = place("/a;b/c", Some("app.example"));
        assert!(scopes(&place, None, "/").iter().all(|it| !it.contains(';')));
    }

    #[test]
    fn a_host_prefix_is_one_scope_in_any_case() {
        for name in ["__Host-session", "__host-a", "__HOST-"] {
            assert!(is_host_only(name), "{name}");
        }
        for name in ["__Secure-session", "session", "_Host-a", "__Host", ""] {
            assert!(!is_host_only(name), "{name}");
        }
    }
}
