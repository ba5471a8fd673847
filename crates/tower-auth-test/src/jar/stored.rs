//! A cookie in the jar.

use std::borrow::Cow;

use tower_auth_core::Timestamp;

use super::Initiator;
use super::origin::{Origin, domain_matches};

/// The requests to which a browser attaches a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the standard knows three")]
pub enum SameSite {
    /// Requests of the site itself only.
    Strict,
    /// Requests of the site itself, and links from other sites that navigate the top level.
    Lax,
    /// All requests.
    None,
}

/// A cookie in a [`Jar`](super::Jar).
#[derive(Clone)]
pub struct StoredCookie {
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
    pub(super) domain: String,
    pub(super) host_only: bool,
    pub(super) path: Vec<u8>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) partitioned: bool,
    pub(super) same_site: Option<SameSite>,
    pub(super) expires: Option<Timestamp>,
    pub(super) created: u64,
}

impl StoredCookie {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.name)
    }

    /// Returns the value, including quotes, without decoding.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.value)
    }

    /// Returns the host of the cookie, or the domain that includes all hosts below it.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Returns whether the cookie belongs to a single host.
    #[must_use]
    pub const fn is_host_only(&self) -> bool {
        self.host_only
    }

    /// Returns the path of the cookie.
    #[must_use]
    pub fn path(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.path)
    }

    /// Returns whether browsers send the cookie over https only.
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns whether the cookie is hidden from scripts.
    #[must_use]
    pub const fn is_http_only(&self) -> bool {
        self.http_only
    }

    /// Returns whether browsers keep the cookie separately for each top-level site.
    #[must_use]
    pub const fn is_partitioned(&self) -> bool {
        self.partitioned
    }

    /// Returns the `SameSite` attribute. `None` is a missing attribute, which browsers treat as
    /// `Lax`.
    #[must_use]
    pub const fn same_site(&self) -> Option<SameSite> {
        self.same_site
    }

    /// Returns the expiry, or `None` if the cookie ends with the browser's session.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires
    }

    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|at| now < at)
    }

    /// Returns whether one cookie replaces the other.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.host_only == other.host_only
            && self.path == other.path
    }

    /// Returns whether an insecure cookie would hide this one from the application.
    pub(super) fn is_shadowed_by(&self, other: &Self) -> bool {
        self.name == other.name
            && (domain_matches(&self.domain, &other.domain)
                || domain_matches(&other.domain, &self.domain))
            && path_matches(&other.path, &self.path)
    }

    pub(super) fn is_for(&self, origin: &Origin, path: &str) -> bool {
        let host = if self.host_only {
            self.domain == origin.host
        } else {
            domain_matches(&origin.host, &self.domain)
        };
        host && path_matches(path.as_bytes(), &self.path) && (!self.secure || origin.is_secure())
    }

    pub(super) fn goes_with(&self, initiator: Initiator) -> bool {
        match initiator {
            Initiator::SameSite => true,
            Initiator::CrossSiteLink => self.same_site != Some(SameSite::Strict),
            Initiator::CrossSitePost | Initiator::CrossSiteEmbed => {
                self.same_site == Some(SameSite::None)
            }
        }
    }

    pub(super) fn pair(&self) -> Vec<u8> {
        if self.name.is_empty() {
            return self.value.clone();
        }
        [&self.name[..], b"=", &self.value].concat()
    }
}

/// RFC 6265bis, 5.1.4.
fn path_matches(path: &[u8], cookie: &[u8]) -> bool {
    match path.strip_prefix(cookie) {
        Some(rest) => rest.is_empty() || cookie.ends_with(b"/") || rest.starts_with(b"/"),
        None => false,
    }
}

tower_auth_core::opaque_debug!(StoredCookie, "StoredCookie");
