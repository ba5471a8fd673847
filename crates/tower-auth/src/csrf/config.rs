//! The configuration of a built layer.

use http::HeaderName;
use http::request::Parts;

use super::mac::MacKeys;
use super::policy::{Policy, Predicate};
use super::pre_session::PreSession;
use super::session_cookie::SessionCookie;
use super::sought::Sought;
use crate::KeyRing;
use crate::crypto::keys::Purpose;
use crate::jar::names;

/// The configuration that the layer, its tokens and the session layer read.
pub(crate) struct Config {
    pub(crate) policy: Policy,
    pub(super) token: Required,
    pub(super) header: HeaderName,
    pub(super) session: SessionCookie,
    /// The cookie of the refresh token.
    pub(super) refresh_cookie: Sought,
    pub(crate) pre_session: PreSession,
    /// The keys of the tokens.
    pub(super) mac: MacKeys,
    #[cfg(feature = "refresh")]
    pub(crate) families: crate::crypto::credential::Families,
}

/// The unsafe requests that need a token.
#[derive(Default)]
pub(super) struct Required {
    pub(super) always: bool,
    pub(super) when: Vec<Predicate>,
}

impl Required {
    pub(super) fn is_required(&self, parts: &Parts) -> bool {
        self.always || self.when.iter().any(|when| when(parts))
    }
}

impl Config {
    /// The defaults, which are always valid.
    pub(crate) fn new(ring: &KeyRing, plain_http: bool) -> Self {
        Self {
            policy: Policy { plain_http, ..Policy::default() },
            token: Required::default(),
            header: HeaderName::from_static("x-csrf-token"),
            // The session layer's default name for its cookie.
            session: SessionCookie::ours(
                ring,
                if plain_http { names::SESSION_INSECURE } else { names::SESSION },
            ),
            refresh_cookie: Sought::new(names::REFRESH),
            pre_session: PreSession::new(ring, plain_http),
            mac: MacKeys::new(ring, Purpose::CsrfToken.anywhere()),
            #[cfg(feature = "refresh")]
            families: crate::crypto::credential::Families::new(ring, names::REFRESH),
        }
    }

    /// Returns the same configuration for a refresh token in a cookie of another name.
    #[cfg(feature = "refresh")]
    pub(crate) fn with_refresh_cookie(self, ring: &KeyRing, name: &str) -> Self {
        let families = crate::crypto::credential::Families::new(ring, name);
        Self { refresh_cookie: Sought::new(name), families, ..self }
    }

    /// The host of the public origin, if that is set and the host is a name.
    pub(crate) fn public_host(&self) -> Option<&str> {
        self.policy.public_origin.as_ref()?.name()
    }

    /// The cookie that binds tokens, apart from the layer's own.
    pub(crate) fn bound_to(&self) -> &str {
        self.session.cookie.name()
    }

    /// Returns whether tokens can be bound to the credentials that `mint` creates.
    #[cfg(feature = "session")]
    pub(crate) fn reads(&self, mint: &crate::crypto::credential::Mint) -> bool {
        mint.is_read_by(self.session.secrets())
    }
}
