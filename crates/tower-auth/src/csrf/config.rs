//! What a built layer knows.

use http::HeaderName;
use http::request::Parts;

use super::policy::{Policy, Predicate};
use super::pre_session::PreSession;
use super::seal::Seal;
use super::session_cookie::SessionCookie;
use super::sought::Sought;
use crate::KeyRing;
use crate::crypto::keys::Purpose;
use crate::jar::names;

/// What the layer, its tokens and the session room ask.
pub(crate) struct Config {
    pub(crate) policy: Policy,
    pub(super) token: Required,
    pub(super) header: HeaderName,
    pub(super) session: SessionCookie,
    /// The refresh token's cookie.
    pub(super) refresh_cookie: Sought,
    pub(crate) pre_session: PreSession,
    /// The tokens' keys.
    pub(super) seal: Seal,
    #[cfg(feature = "refresh")]
    pub(crate) families: crate::crypto::credential::Families,
}

/// Which unsafe requests need a token.
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
    /// The defaults: nothing in them can be wrong.
    pub(crate) fn new(ring: &KeyRing, plain_http: bool) -> Self {
        Self {
            policy: Policy { plain_http, ..Policy::default() },
            token: Required::default(),
            header: HeaderName::from_static("x-csrf-token"),
            // What the session room calls its cookie then.
            session: SessionCookie::ours(
                ring,
                if plain_http { names::SESSION_INSECURE } else { names::SESSION },
            ),
            refresh_cookie: Sought::new(names::REFRESH),
            pre_session: PreSession::new(ring, plain_http),
            seal: Seal::new(ring, Purpose::CsrfToken.anywhere()),
            #[cfg(feature = "refresh")]
            families: crate::crypto::credential::Families::new(ring, names::REFRESH),
        }
    }

    /// The same for a refresh token in a cookie of another name.
    #[cfg(feature = "refresh")]
    pub(crate) fn with_refresh_cookie(self, ring: &KeyRing, name: &str) -> Self {
        let families = crate::crypto::credential::Families::new(ring, name);
        Self { refresh_cookie: Sought::new(name), families, ..self }
    }

    /// The host that the application is known by, if a setting says so and it has a name.
    pub(crate) fn public_host(&self) -> Option<&str> {
        self.policy.public_origin.as_ref()?.name()
    }

    /// The cookie that tokens are bound to, beside the layer's own.
    pub(crate) fn bound_to(&self) -> &str {
        self.session.cookie.name()
    }

    /// Whether tokens can be bound to the credentials that this mint makes.
    #[cfg(feature = "session")]
    pub(crate) fn reads(&self, mint: &crate::crypto::credential::Mint) -> bool {
        mint.is_read_by(self.session.secrets())
    }
}
