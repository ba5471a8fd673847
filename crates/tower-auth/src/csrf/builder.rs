use std::fmt;

use http::request::Parts;
use tower_auth_core::refuse::Empty;

use super::Tokens;
use super::policy::PolicyOptions;
use crate::Settings;

/// Settles a [`CsrfLayer`](super::CsrfLayer), or a
/// [`CsrfHeadersLayer`](super::CsrfHeadersLayer): `T` is [`Tokens`] or
/// [`HeadersOnly`](super::HeadersOnly). See [`CsrfLayer::builder`](super::CsrfLayer::builder) and
/// [`CsrfHeadersLayer::builder`](super::CsrfHeadersLayer::builder).
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<R = Empty, T = Tokens> {
    pub(super) policy: PolicyOptions,
    pub(super) tokens: T,
    pub(super) refuse: R,
}

impl<T> Builder<Empty, T> {
    pub(super) fn with(tokens: T) -> Self {
        Self { policy: PolicyOptions::default(), tokens, refuse: Empty }
    }
}

/// The settings of both layers.
impl<R, T> Builder<R, T> {
    /// The origin that browsers know the application by, such as `https://app.example`. Default:
    /// `https` and the request's own host and port, or either scheme where the host is the
    /// loopback. Set it where a proxy rewrites `Host`.
    pub fn public_origin(mut self, origin: impl Into<String>) -> Self {
        self.policy.public_origin = Some(origin.into());
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
        self.policy.trusted_origins.push(origin.into());
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
        self.policy.trusted_origin_when.push(Box::new(is_trusted));
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
        self.policy.trusted_proxy = Some(Box::new(is_trusted));
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
        self.policy.trusted_forwarded = Some(Box::new(is_trusted));
        self
    }

    /// Lets through what other hosts of the same site send (`Sec-Fetch-Site: same-site`): whoever
    /// can put a page on any subdomain then may forge. Better name the ones that must, with
    /// [`trusted_origin`](Self::trusted_origin).
    pub fn trust_same_site(mut self) -> Self {
        self.policy.trust_same_site = true;
        self
    }

    /// Lets every request to this path through unjudged, such as a webhook that proves its sender
    /// in another way. May be called again.
    ///
    /// The raw path, as the layer meets it, is compared whole and with its case; one with `%`, `//`
    /// or dot segments is never exempt, since routers read such paths in more than one way.
    pub fn exempt(mut self, path: impl Into<String>) -> Self {
        self.policy.exempt.push(path.into());
        self
    }

    /// The cookies that prove anything to this application; others then do not make a request look
    /// like a browser's. Default: every cookie. May be called again to add more.
    ///
    /// Always among them are the layer's own cookie, and those of the session and of the refresh token
    /// as the layer knows them: as [`session_cookie`](Builder::session_cookie) or
    /// [`bind_to`](Builder::bind_to) and [`refresh_cookie`](Builder::refresh_cookie) name them, by their
    /// default names, or as the other layers of an `AuthStack` have them.
    pub fn ambient_cookies<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let all = self.policy.ambient_cookies.get_or_insert_default();
        all.extend(names.into_iter().map(Into::into));
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
        self.policy.refresh_paths.push(path.into());
        self
    }

    /// Refuses also what no browser sends across sites without a preflight, where it carries a
    /// credential that browsers attach, neither `Sec-Fetch-Site` nor `Origin`, and no valid token.
    /// Default: that passes, for programs that keep cookies and send JSON.
    pub fn strict(mut self) -> Self {
        self.policy.strict = true;
        self
    }

    /// Refuses nothing and logs, under the code of the refusal, what would have been refused: to
    /// watch before one switches it on. Mistakes in the wiring are still answered 500.
    pub fn report_only(mut self) -> Self {
        self.policy.report_only = true;
        self
    }

    /// Takes the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.policy.settings = settings.clone();
        self
    }

    /// How refusals look. Default: status and headers, no body.
    pub fn refuse_with<R2>(self, refuse: R2) -> Builder<R2, T> {
        Builder { policy: self.policy, tokens: self.tokens, refuse }
    }
}

/// The settings that a stack reads back.
#[cfg(feature = "stack")]
impl<R, T> Builder<R, T> {
    pub(crate) fn knows_ambient_cookies(&self) -> bool {
        self.policy.ambient_cookies.is_some()
    }
}

impl<R, T> fmt::Debug for Builder<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("csrf::Builder").finish_non_exhaustive()
    }
}
