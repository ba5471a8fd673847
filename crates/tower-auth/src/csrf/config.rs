//! What a built layer knows.

use http::HeaderName;
use http::request::Parts;
use tower_auth_core::Events;

use super::forwarded::Headers;
use super::origin::Origin;
use super::pre_session::PreSession;
use super::seal::Seal;
use super::session_cookie::SessionCookie;
use super::sought::Sought;
use super::trusted::Trusted;
use crate::KeyRing;
use crate::crypto::keys::Purpose;
use crate::jar::names;

pub(super) type Predicate = Box<dyn Fn(&Parts) -> bool + Send + Sync>;

/// What the layer, its tokens and the session room ask.
pub(crate) struct Config {
    pub(super) public_origin: Option<Origin>,
    pub(super) trusted: Trusted,
    pub(super) trusted_proxy: Option<(Headers, Predicate)>,
    pub(super) trust_same_site: bool,
    pub(super) exempt: Vec<String>,
    /// Where refresh tokens are exchanged and revoked.
    pub(super) refresh_paths: Vec<String>,
    pub(super) token: Required,
    pub(super) header: HeaderName,
    pub(super) ambient_cookies: Option<Vec<String>>,
    pub(super) strict: bool,
    pub(super) report_only: bool,
    pub(super) plain_http: bool,
    pub(super) allow_caching: bool,
    pub(super) events: Events,
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
            public_origin: None,
            trusted: Trusted::default(),
            trusted_proxy: None,
            trust_same_site: false,
            exempt: Vec::new(),
            refresh_paths: Vec::new(),
            token: Required::default(),
            header: HeaderName::from_static("x-csrf-token"),
            ambient_cookies: None,
            strict: false,
            report_only: false,
            plain_http,
            allow_caching: false,
            events: Events::none(),
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

    /// Whether a cookie of this name counts as a credential.
    pub(crate) fn is_ambient(&self, name: &[u8]) -> bool {
        let Some(names) = &self.ambient_cookies else { return true };
        let own = [self.bound_to(), self.pre_session.name(), self.refresh_cookie.name()];
        own.into_iter().chain(names.iter().map(String::as_str)).any(|it| it.as_bytes() == name)
    }

    /// The host that the application is known by, if a setting says so and it has a name.
    pub(crate) fn public_host(&self) -> Option<&str> {
        self.public_origin.as_ref()?.name()
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
