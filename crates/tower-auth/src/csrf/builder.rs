use std::fmt;
use std::sync::Arc;

use http::request::Parts;
use tower_auth_core::refuse::Empty;

use super::options::Options;
use super::{ConfigError, CsrfLayer};
use crate::{KeyRing, Settings};

/// Settles a [`CsrfLayer`]; see [`CsrfLayer::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<R = Empty> {
    options: Options,
    refuse: R,
}

impl Builder {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self { options: Options::new(ring), refuse: Empty }
    }
}

impl<R> Builder<R> {
    /// The origin that browsers know the application by, such as `https://app.example`. Default:
    /// `https` and the request's own host and port, or either scheme where the host is the
    /// loopback. Set it where a proxy rewrites `Host`.
    pub fn public_origin(mut self, origin: impl Into<String>) -> Self {
        self.options.public_origin = Some(origin.into());
        self
    }

    /// Another origin whose pages may send unsafe requests with this application's cookies. May be
    /// called again; there are no wildcards.
    ///
    /// An origin of the web is compared by scheme, host and port. The origin of an application
    /// that brings its own browser (`tauri://localhost`, `capacitor://localhost`) or of a browser
    /// extension (`chrome-extension://…`, `moz-extension://…`, `safari-web-extension://…`) is
    /// compared byte for byte.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .trusted_origin("https://admin.example")
    ///     .trusted_origin("tauri://localhost")
    ///     .trusted_origin("chrome-extension://nmmhkkegccagdldgiimedpiccmgmieda")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn trusted_origin(mut self, origin: impl Into<String>) -> Self {
        self.options.trusted_origins.push(origin.into());
        self
    }

    /// Trusts the origins for which this is true, in addition to those that are
    /// [named](Self::trusted_origin): for the origins of tenants, or for an extension of Firefox,
    /// whose origin is different in each installation. May be called again: one that says so
    /// suffices.
    ///
    /// The closure is asked last, and only about a single well-formed origin, in the form in which
    /// it was sent. `null` is never trusted: sandboxed pages of every site send it. Compare the
    /// whole origin, or its end together with the dot before it; `ends_with("shop.example")` also
    /// trusts `https://evilshop.example`.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .trusted_origin_when(|origin, parts| {
    ///         parts.uri.path().starts_with("/embed/")
    ///             && origin.starts_with("https://")
    ///             && origin.ends_with(".shop.example")
    ///     })
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn trusted_origin_when(
        mut self,
        is_trusted: impl Fn(&str, &Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.options.trusted_origin_when.push(Box::new(is_trusted));
        self
    }

    /// Reads `X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Forwarded-Port` of the requests for
    /// which this is true: those that come from a proxy which overwrites all three, whatever the
    /// client sent. Default: of no request.
    ///
    /// Each header must come once and with one value. What the proxy does not name is taken from
    /// the request itself; the forwarded port replaces that of the request's own host. A port in
    /// `X-Forwarded-Host` and one in `X-Forwarded-Port` must agree. Otherwise no `Origin` fits.
    ///
    /// Not read if there is a [public origin](Self::public_origin), which serves better. `Forwarded`
    /// is read by [`trusted_forwarded`](Self::trusted_forwarded) instead; a layer with both is not
    /// built.
    pub fn trusted_proxy(
        mut self,
        is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.options.trusted_proxy = Some(Box::new(is_trusted));
        self
    }

    /// Reads `Forwarded` (RFC 7239) of the requests for which this is true: those that come from a
    /// proxy which adds an element with `host` and `proto` of its own. Default: of no request.
    ///
    /// Only the last element counts, since the proxy in front of the application has added it; the
    /// elements before it may be the client's. In a chain of proxies the last one has to pass the
    /// first one's host and scheme on. If the header is malformed, no `Origin` fits.
    ///
    /// As with [`trusted_proxy`](Self::trusted_proxy), a public origin goes before it.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// // The application listens on an address that only the proxy reaches.
    /// let layer = CsrfLayer::builder(&KeyRing::random()).trusted_forwarded(|_| true).build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn trusted_forwarded(
        mut self,
        is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.options.trusted_forwarded = Some(Box::new(is_trusted));
        self
    }

    /// Lets through what other hosts of the same site send (`Sec-Fetch-Site: same-site`): whoever
    /// can put a page on any subdomain then may forge. Better name the ones that must, with
    /// [`trusted_origin`](Self::trusted_origin).
    pub fn trust_same_site(mut self) -> Self {
        self.options.trust_same_site = true;
        self
    }

    /// Lets every request to this path through unjudged, such as a webhook that proves its sender
    /// in another way. May be called again.
    ///
    /// The raw path, as the layer meets it, is compared whole and with its case; one with `%`, `//`
    /// or dot segments is never exempt, since routers read such paths in more than one way.
    pub fn exempt(mut self, path: impl Into<String>) -> Self {
        self.options.exempt.push(path.into());
        self
    }

    /// Requires a token of every unsafe request that is not exempt, after the check of its origin.
    ///
    /// Two kinds of requests need none. A WebSocket's handshake cannot bring one, and is judged by
    /// its origin alone. A request that authenticates by one `Authorization: Bearer` or `DPoP` and
    /// carries no credential that browsers attach (see
    /// [`ambient_cookies`](Self::ambient_cookies)) comes from a program or a script, and not from
    /// another site. A request without any credential does need a token: a login form is one.
    pub fn require_token(mut self) -> Self {
        self.options.token.always = true;
        self
    }

    /// Requires a token of the unsafe requests for which this is true. May be called again: one
    /// that says so suffices.
    pub fn require_token_when(
        mut self,
        when: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.options.token.when.push(Box::new(when));
        self
    }

    /// The header that brings the token. Default: `x-csrf-token`.
    pub fn header_name(mut self, name: impl Into<String>) -> Self {
        self.options.header_name = Some(name.into());
        self
    }

    /// The cookie of the `SessionLayer` inside, to whose secret tokens are bound. Default:
    /// `__Host-session`, as `SessionLayer` has it (`session` over plain HTTP). An `AuthStack` names
    /// it itself. A `SessionLayer` inside that names its cookie otherwise, or that has another key
    /// ring, is answered 500.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// // As `SessionLayer` names its cookie with `.cookie_domain`.
    /// let layer =
    ///     CsrfLayer::builder(&KeyRing::random()).session_cookie("__Secure-session").build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn session_cookie(mut self, name: impl Into<String>) -> Self {
        self.options.session_cookie = Some(name.into());
        self
    }

    /// The name of the layer's own cookie, to which tokens are bound while there is no session.
    /// Default: [`DEFAULT_COOKIE`](super::DEFAULT_COOKIE). Give each of several applications on one
    /// host a name of its own, as with
    /// [`SessionLayer`](crate::session::Builder::cookie_name): otherwise a login form of one
    /// application is refused after a visit to the other's.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .session_cookie("__Host-shop-session")
    ///     .pre_session_cookie("__Host-shop-csrf")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn pre_session_cookie(mut self, name: impl Into<String>) -> Self {
        self.options.pre_session_cookie = Some(name.into());
        self
    }

    /// Keeps the layer's own cookie apart for each site that embeds the application (CHIPS,
    /// `Partitioned`), as [`SessionLayer`](crate::session::Builder::partitioned) does. The cookie is
    /// `SameSite=None` then, not `Lax`. Off by default.
    ///
    /// ```
    /// # use tower_auth::{CsrfLayer, KeyRing};
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .session_cookie("__Host-widget")
    ///     .pre_session_cookie("__Host-widget-csrf")
    ///     .partitioned()
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn partitioned(mut self) -> Self {
        self.options.partitioned = true;
        self
    }

    /// The session cookie of another library, to whose whole value tokens are bound. A request with
    /// two different values of it is refused (403), since nothing tells which one that library
    /// reads. A value that a `SessionLayer` of this name made binds by its secret all the same.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random()).bind_to("connect.sid").build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn bind_to(mut self, cookie_name: impl Into<String>) -> Self {
        self.options.bind_to = Some(cookie_name.into());
        self
    }

    /// The cookies that prove anything to this application; others then do not make a request look
    /// like a browser's. The cookie of [`bind_to`](Self::bind_to), the layer's own and
    /// `__Host-refresh` are always among them. Default: every cookie. May be called again to add
    /// more.
    pub fn ambient_cookies<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let all = self.options.ambient_cookies.get_or_insert_default();
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
        self.options.refresh_cookie = Some(name.into());
        self
    }

    /// A path where a `RefreshLayer` or an [`Endpoint`](crate::refresh::Endpoint) inside serves
    /// refresh tokens, and nothing else does. May be called again; an `AuthStack` names its own.
    /// Default: none.
    ///
    /// HTTP Basic names an OAuth client there, so it does not count as a credential that browsers
    /// attach. A request without such a credential brings its refresh token in the body, and needs no
    /// CSRF token. A refresh token in a cookie is judged as everywhere.
    ///
    /// The path is compared as [`exempt`](Self::exempt) compares it.
    ///
    /// ```
    /// # use tower_auth::{CsrfLayer, KeyRing};
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .refresh_path("/auth/refresh")
    ///     .refresh_path("/auth/revoke")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    #[cfg(feature = "refresh")]
    pub fn refresh_path(mut self, path: impl Into<String>) -> Self {
        self.options.refresh_paths.push(path.into());
        self
    }

    /// Refuses also what no browser sends across sites without a preflight, where it carries a
    /// credential that browsers attach, neither `Sec-Fetch-Site` nor `Origin`, and no valid token.
    /// Default: that passes, for programs that keep cookies and send JSON.
    pub fn strict(mut self) -> Self {
        self.options.strict = true;
        self
    }

    /// Refuses nothing and logs, under the code of the refusal, what would have been refused: to
    /// watch before one switches it on. Mistakes in the wiring are still answered 500.
    pub fn report_only(mut self) -> Self {
        self.options.report_only = true;
        self
    }

    /// Leaves a response that needed an identity to what its handler says of caching. Default: where
    /// the handler says nothing, such a response gets `Cache-Control: no-store`, so that no cache
    /// keeps it and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The outermost of tower-auth's layers decides.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.options.allow_caching = true;
        self
    }

    /// Takes the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.options.settings = settings.clone();
        self
    }

    /// How refusals look. Default: status and headers, no body.
    pub fn refuse_with<T>(self, refuse: T) -> Builder<T> {
        Builder { options: self.options, refuse }
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
        Ok(CsrfLayer::from_parts(Arc::new(self.options.check()?), self.refuse))
    }
}

/// What a stack knows of the layers inside, and tells where its user said nothing.
#[cfg(feature = "stack")]
impl<R> Builder<R> {
    pub(crate) fn bound_to(&self) -> Option<&str> {
        self.options.session_cookie.as_deref().or(self.options.bind_to.as_deref())
    }

    pub(crate) fn knows_ambient_cookies(&self) -> bool {
        self.options.ambient_cookies.is_some()
    }
}

impl<R> fmt::Debug for Builder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("csrf::Builder").finish_non_exhaustive()
    }
}
