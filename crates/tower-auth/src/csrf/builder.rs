use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use http::request::Parts;
use tower_auth_core::Events;
use tower_auth_core::refuse::Empty;

use super::config::{Predicate, Required};
use super::origin::Origin;
use super::{Config, ConfigError, CsrfLayer, path};
use crate::KeyRing;
use crate::cookie::check_name;

/// Settles a [`CsrfLayer`]; see [`CsrfLayer::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<R = Empty> {
    settings: Settings,
    refuse: R,
}

struct Settings {
    ring: KeyRing,
    public_origin: Option<String>,
    trusted_origins: Vec<String>,
    trusted_proxy: Option<Predicate>,
    trust_same_site: bool,
    exempt: Vec<String>,
    token: Required,
    header_name: Option<String>,
    bind_to: Option<String>,
    ambient_cookies: Option<Vec<String>>,
    #[cfg(feature = "refresh")]
    refresh_cookie: Option<String>,
    strict: bool,
    report_only: bool,
    plain_http: bool,
    allow_caching: bool,
    events: Events,
}

impl Builder {
    pub(super) fn new(ring: &KeyRing) -> Self {
        let settings = Settings {
            ring: ring.clone(),
            public_origin: None,
            trusted_origins: Vec::new(),
            trusted_proxy: None,
            trust_same_site: false,
            exempt: Vec::new(),
            token: Required::default(),
            header_name: None,
            bind_to: None,
            ambient_cookies: None,
            #[cfg(feature = "refresh")]
            refresh_cookie: None,
            strict: false,
            report_only: false,
            plain_http: false,
            allow_caching: false,
            events: Events::none(),
        };
        Self { settings, refuse: Empty }
    }
}

impl<R> Builder<R> {
    /// The origin that browsers know the application by, such as `https://app.example`. Default:
    /// `https` and the request's own host and port, or either scheme where the host is the
    /// loopback. Set it where a proxy rewrites `Host`.
    pub fn public_origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.public_origin = Some(origin.into());
        self
    }

    /// Another origin whose pages may send unsafe requests with this application's cookies. May be
    /// called again; there are no wildcards.
    pub fn trusted_origin(mut self, origin: impl Into<String>) -> Self {
        self.settings.trusted_origins.push(origin.into());
        self
    }

    /// Believes `X-Forwarded-Host` and `X-Forwarded-Proto` of the requests for which this is true:
    /// of those that come from a proxy which sets both itself, whatever the client sent. Default:
    /// of none. Each must come once and with one value, or the `Origin` fits nothing. Not asked
    /// where there is a [public origin](Self::public_origin), which serves better.
    pub fn trusted_proxy(
        mut self,
        is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.settings.trusted_proxy = Some(Box::new(is_trusted));
        self
    }

    /// Lets through what other hosts of the same site send (`Sec-Fetch-Site: same-site`): whoever
    /// can put a page on any subdomain then may forge. Better name the ones that must, with
    /// [`trusted_origin`](Self::trusted_origin).
    pub fn trust_same_site(mut self) -> Self {
        self.settings.trust_same_site = true;
        self
    }

    /// Lets every request to this path through unjudged, such as a webhook that proves its sender
    /// in another way. May be called again.
    ///
    /// The raw path, as the layer meets it, is compared whole and with its case; one with `%`, `//`
    /// or dot segments is never exempt, since routers read such paths in more than one way.
    pub fn exempt(mut self, path: impl Into<String>) -> Self {
        self.settings.exempt.push(path.into());
        self
    }

    /// Requires a token of every unsafe request that is not exempt, after the check of its origin.
    /// A WebSocket's handshake cannot bring one, and is judged by its origin alone.
    pub fn require_token(mut self) -> Self {
        self.settings.token.always = true;
        self
    }

    /// Requires a token of the unsafe requests for which this is true. May be called again: one
    /// that says so suffices.
    pub fn require_token_when(
        mut self,
        when: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.settings.token.when.push(Box::new(when));
        self
    }

    /// The header that brings the token. Default: `x-csrf-token`.
    pub fn header_name(mut self, name: impl Into<String>) -> Self {
        self.settings.header_name = Some(name.into());
        self
    }

    /// The session's cookie, to whose secret tokens are bound. Default: `__Host-session`, as
    /// `SessionLayer` has it (`session` over plain HTTP). A `SessionLayer` inside that names its
    /// cookie otherwise is answered 500.
    pub fn bind_to(mut self, cookie_name: impl Into<String>) -> Self {
        self.settings.bind_to = Some(cookie_name.into());
        self
    }

    /// The cookies that prove anything to this application; others then do not make a request look
    /// like a browser's. The cookie of [`bind_to`](Self::bind_to), the layer's own and
    /// `__Host-refresh` are always among them. Default: every cookie. May be called again to add
    /// more.
    pub fn ambient_cookies<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let all = self.settings.ambient_cookies.get_or_insert_default();
        all.extend(names.into_iter().map(Into::into));
        self
    }

    /// The cookie of the refresh token, to whose family tokens are bound where there is no session.
    /// Default: `__Host-refresh`, as [`Refresh`](crate::Refresh) has it; name it as
    /// [`cookie_name`](crate::refresh::Builder::cookie_name) does. An `AuthStack` does so by itself.
    ///
    /// ```
    /// # use tower_auth::{CsrfLayer, KeyRing};
    /// let layer = CsrfLayer::builder(&KeyRing::random()).refresh_cookie("__Host-family").build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    #[cfg(feature = "refresh")]
    pub fn refresh_cookie(mut self, name: impl Into<String>) -> Self {
        self.settings.refresh_cookie = Some(name.into());
        self
    }

    /// Refuses also what no browser sends across sites without a preflight, where it carries a
    /// credential that browsers attach, neither `Sec-Fetch-Site` nor `Origin`, and no valid token.
    /// Default: that passes, for programs that keep cookies and send JSON.
    pub fn strict(mut self) -> Self {
        self.settings.strict = true;
        self
    }

    /// Refuses nothing and logs, under the code of the refusal, what would have been refused: to
    /// watch before one switches it on. Mistakes in the wiring are still answered 500.
    pub fn report_only(mut self) -> Self {
        self.settings.report_only = true;
        self
    }

    /// Lets the application live on plain HTTP: the layer's own cookie is then named `csrf` and is
    /// not `Secure`, and `http` fits where `Origin` is compared with the request's own host.
    /// Whoever listens on the way then reads, replaces and forges.
    ///
    /// Not needed for `http://localhost`: browsers keep `Secure` cookies there.
    pub fn insecure_allow_plain_http(mut self) -> Self {
        self.settings.plain_http = true;
        self
    }

    /// Leaves a response that needed an identity to what its handler says of caching. Default: where
    /// the handler says nothing, such a response gets `Cache-Control: no-store`, so that no cache
    /// keeps it and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The outermost of tower-auth's layers decides.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.settings.allow_caching = true;
        self
    }

    /// Where its [events](crate::event) go; nowhere by default.
    pub fn events(mut self, events: Events) -> Self {
        self.settings.events = events;
        self
    }

    /// How refusals look. Default: status and headers, no body.
    pub fn refuse_with<T>(self, refuse: T) -> Builder<T> {
        Builder { settings: self.settings, refuse }
    }

    /// The layer. Origins are parsed and keys prepared here, once.
    ///
    /// # Errors
    /// A setting that cannot be meant, or two that contradict each other; the message names the
    /// setter, what it got, and what to do.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let wrong = CsrfLayer::builder(&KeyRing::random()).trusted_origin("app.example").build();
    /// assert_eq!(
    ///     wrong.unwrap_err().to_string(),
    ///     r#"trusted_origin("app.example"): begin with https:// (or http://)"#
    /// );
    /// ```
    pub fn build(self) -> Result<CsrfLayer<R>, ConfigError> {
        Ok(CsrfLayer::from_parts(Arc::new(self.settings.check()?), self.refuse))
    }
}

impl Settings {
    fn check(self) -> Result<Config, ConfigError> {
        let mut config = Config::new(&self.ring, self.plain_http);
        if let Some(value) = self.public_origin {
            let origin = Origin::configured("public_origin", &value)?;
            if !origin.https && !self.plain_http && !origin.is_loopback() {
                return Err(ConfigError::PlainHttp { value });
            }
            config.public_origin = Some(origin);
        }
        for value in &self.trusted_origins {
            config.trusted_origins.push(Origin::configured("trusted_origin", value)?);
        }
        for path in &self.exempt {
            path::check(path)?;
        }
        if let Some(name) = self.header_name {
            config.header = header(name)?;
        }
        if let Some(name) = self.bind_to {
            check_cookie("bind_to", &name)?;
            if name == config.pre_session.name() {
                return Err(ConfigError::OwnCookie { name });
            }
            config.bind_to = name;
        }
        for name in self.ambient_cookies.iter().flatten() {
            check_cookie("ambient_cookies", name)?;
        }
        #[cfg(feature = "refresh")]
        if let Some(name) = self.refresh_cookie {
            check_cookie("refresh_cookie", &name)?;
            config = config.with_refresh_cookie(&self.ring, &name);
        }
        self.ring.report(&self.events);
        Ok(Config {
            trusted_proxy: self.trusted_proxy,
            trust_same_site: self.trust_same_site,
            exempt: self.exempt,
            token: self.token,
            ambient_cookies: self.ambient_cookies,
            strict: self.strict,
            report_only: self.report_only,
            allow_caching: self.allow_caching,
            events: self.events,
            ..config
        })
    }
}

fn check_cookie(setter: &'static str, name: &str) -> Result<(), ConfigError> {
    check_name(name).map_err(|_| ConfigError::CookieName { setter, name: name.into() })
}

/// A name that pages of other sites cannot make a browser send without a preflight.
fn header(name: String) -> Result<HeaderName, ConfigError> {
    const TAKEN: [&str; 13] = [
        "accept",
        "accept-language",
        "authorization",
        "content-language",
        "content-length",
        "content-type",
        "cookie",
        "host",
        "origin",
        "range",
        "referer",
        "sec-fetch-site",
        "user-agent",
    ];
    match HeaderName::try_from(&name) {
        Err(_) => {
            let fix = "the name of a header has letters, digits and - and is not empty";
            Err(ConfigError::HeaderName { name, fix })
        }
        Ok(header) if TAKEN.contains(&header.as_str()) => {
            let fix = "browsers send this one by themselves: take a name of your own";
            Err(ConfigError::HeaderName { name, fix })
        }
        Ok(header) => Ok(header),
    }
}

/// What a stack knows of the layers inside, and tells where its user said nothing.
#[cfg(feature = "stack")]
impl<R> Builder<R> {
    pub(crate) fn bound_to(&self) -> Option<&str> {
        self.settings.bind_to.as_deref()
    }

    pub(crate) fn knows_ambient_cookies(&self) -> bool {
        self.settings.ambient_cookies.is_some()
    }
}

impl<R> fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("csrf::Builder").finish_non_exhaustive()
    }
}
