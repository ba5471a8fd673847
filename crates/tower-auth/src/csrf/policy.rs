//! The settings by which the headers decide, with or without tokens.

use http::header::COOKIE;
use http::request::Parts;
use tower_auth_core::Events;

use super::forwarded::Headers;
use super::origin::Origin;
use super::trusted::{OriginPredicate, Trusted};
use super::{CsrfConfigError, path};
use crate::Settings;
use crate::jar::Jar;
use crate::jar::pairs::pairs;

pub(super) type Predicate = Box<dyn Fn(&Parts) -> bool + Send + Sync>;

/// The trusted senders, and the requests that the layer checks.
#[derive(Default)]
pub(crate) struct Policy {
    pub(super) public_origin: Option<Origin>,
    pub(super) trusted: Trusted,
    pub(super) trusted_proxy: Option<(Headers, Predicate)>,
    pub(super) trust_same_site: bool,
    pub(super) exempt: Vec<String>,
    /// The paths that exchange and revoke refresh tokens.
    pub(super) refresh_paths: Vec<String>,
    /// The cookies that count as credentials; `None` if every cookie does. Only a layer with tokens
    /// knows cookies.
    pub(super) ambient_cookies: Option<Vec<String>>,
    pub(super) strict: bool,
    pub(super) report_only: bool,
    pub(super) plain_http: bool,
    pub(super) allow_caching: bool,
    pub(super) events: Events,
}

impl Policy {
    /// Returns whether every request to this path passes unchecked.
    pub(super) fn is_exempt(&self, parts: &Parts) -> bool {
        !self.exempt.is_empty() && path::is_listed(&self.exempt, parts.uri.path())
    }

    /// Returns whether a cookie of this name counts as a credential.
    pub(crate) fn is_ambient(&self, name: &[u8]) -> bool {
        let Some(names) = &self.ambient_cookies else { return true };
        names.iter().any(|it| it.as_bytes() == name)
    }

    /// Returns whether the request carries a cookie that counts as a credential.
    pub(super) fn has_ambient_cookie(&self, jar: Option<&Jar>, parts: &Parts) -> bool {
        // If there is a context, the layers inside read the jar, even if a layer in between changed
        // the header. If every cookie counts, so does a line without a pair.
        if self.ambient_cookies.is_none() && parts.headers.contains_key(COOKIE) {
            return true;
        }
        match jar {
            Some(jar) => jar.pairs().any(|(name, _)| self.is_ambient(name)),
            None => {
                let lines = parts.headers.get_all(COOKIE).iter();
                lines.flat_map(|line| pairs(line.as_bytes())).any(|(name, _)| self.is_ambient(name))
            }
        }
    }
}

/// The policy's settings, as the builder got them.
#[derive(Default)]
pub(super) struct PolicyOptions {
    pub(super) public_origin: Option<String>,
    pub(super) trusted_origins: Vec<String>,
    pub(super) trusted_origin_when: Vec<OriginPredicate>,
    pub(super) trusted_proxy: Option<Predicate>,
    pub(super) trusted_forwarded: Option<Predicate>,
    pub(super) trust_same_site: bool,
    pub(super) exempt: Vec<String>,
    pub(super) refresh_paths: Vec<String>,
    pub(super) strict: bool,
    pub(super) report_only: bool,
    pub(super) settings: Settings,
    pub(super) allow_caching: bool,
}

impl PolicyOptions {
    /// Checks each setting, and the settings against each other.
    pub(super) fn check(self) -> Result<Policy, CsrfConfigError> {
        let plain_http = self.settings.plain_http;
        let public_origin = match self.public_origin {
            Some(value) => {
                let origin = Origin::configured("public_origin", &value)?;
                if !origin.https && !plain_http && !origin.is_loopback() {
                    return Err(CsrfConfigError::PlainHttp { value });
                }
                Some(origin)
            }
            None => None,
        };
        let trusted = Trusted::new(&self.trusted_origins, self.trusted_origin_when)?;
        let trusted_proxy = match (self.trusted_proxy, self.trusted_forwarded) {
            (Some(_), Some(_)) => return Err(CsrfConfigError::ProxyHeaders),
            (Some(each), None) => Some((Headers::Each, each)),
            (None, Some(one)) => Some((Headers::One, one)),
            (None, None) => None,
        };
        for path in &self.exempt {
            path::check("exempt", path)?;
        }
        for path in &self.refresh_paths {
            path::check("refresh_path", path)?;
        }
        Ok(Policy {
            public_origin,
            trusted,
            trusted_proxy,
            trust_same_site: self.trust_same_site,
            exempt: self.exempt,
            refresh_paths: self.refresh_paths,
            ambient_cookies: None,
            strict: self.strict,
            report_only: self.report_only,
            plain_http,
            allow_caching: self.allow_caching,
            events: self.settings.events,
        })
    }
}
