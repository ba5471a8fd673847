use std::fmt;

use http::request::Parts;
use tower_auth_core::refuse::Empty;

use super::Tokens;
use super::policy::PolicyOptions;
use crate::Settings;

/// Builds a [`CsrfLayer`](super::CsrfLayer) or a [`CsrfHeadersLayer`](super::CsrfHeadersLayer).
///
/// `T` is [`Tokens`] or [`HeadersOnly`](super::HeadersOnly). See
/// [`CsrfLayer::builder`](super::CsrfLayer::builder) and
/// [`CsrfHeadersLayer::builder`](super::CsrfHeadersLayer::builder).
#[must_use = "a builder does nothing until it is built"]
pub struct CsrfLayerBuilder<R = Empty, T = Tokens> {
    pub(super) policy: PolicyOptions,
    pub(super) tokens: T,
    pub(super) refuse: R,
}

impl<T> CsrfLayerBuilder<Empty, T> {
    pub(super) fn with(tokens: T) -> Self {
        Self { policy: PolicyOptions::default(), tokens, refuse: Empty }
    }
}

/// The settings of both layers.
impl<R, T> CsrfLayerBuilder<R, T> {
    /// Sets the origin under which browsers know the application, such as `https://app.example`.
    ///
    /// Default: `https` with the request's own host and port, or either scheme if the host is the
    /// loopback. Set the origin if a proxy rewrites `Host`.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .public_origin("https://app.example")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn public_origin(mut self, origin: impl Into<String>) -> Self {
        self.policy.public_origin = Some(origin.into());
        self
    }

    /// Adds another origin whose pages may send unsafe requests with this application's cookies.
    /// The setter may be called several times; wildcards are not supported.
    ///
    /// The layer compares an origin of the web by scheme, host and port. It compares byte for byte
    /// the origin of an application that brings its own browser (`tauri://localhost`,
    /// `capacitor://localhost`), or of a browser extension (`chrome-extension://…`,
    /// `moz-extension://…`, `safari-web-extension://…`).
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .trusted_origin("https://admin.example")
    ///     .trusted_origin("tauri://localhost")
    ///     .trusted_origin("chrome-extension://nmmhkkegccagdldgiimedpiccmgmieda")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn trusted_origin(mut self, origin: impl Into<String>) -> Self {
        self.policy.trusted_origins.push(origin.into());
        self
    }

    /// Trusts the origins for which `is_trusted` returns true, in addition to the
    /// [listed](Self::trusted_origin) ones. Use the setter for the origins of tenants, or for a
    /// Firefox extension, whose origin differs in each installation. If it is called several times,
    /// one closure that returns true suffices.
    ///
    /// The layer calls the closure last, and only with a single well-formed origin, in the form in
    /// which the client sent it. `null` is never trusted: sandboxed pages of every site send it.
    /// Compare the whole origin, or its end together with the dot before it:
    /// `ends_with("shop.example")` also trusts `https://evilshop.example`.
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
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn trusted_origin_when(
        mut self,
        is_trusted: impl Fn(&str, &Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.policy.trusted_origin_when.push(Box::new(is_trusted));
        self
    }

    /// Reads `X-Forwarded-Host`, `X-Forwarded-Proto` and `X-Forwarded-Port` of the requests for
    /// which `is_trusted` returns true. Trust only a proxy that overwrites all three headers,
    /// whatever the client sent. Default: the headers are ignored.
    ///
    /// Each header must occur once and with one value. The layer takes what the proxy does not name
    /// from the request itself; the forwarded port replaces the port of the request's own host. A
    /// port in `X-Forwarded-Host` and a port in `X-Forwarded-Port` must agree. Otherwise no
    /// `Origin` matches.
    ///
    /// A [public origin](Self::public_origin) overrides these headers and is the better choice.
    /// [`trusted_forwarded`](Self::trusted_forwarded) reads `Forwarded` instead; `build` fails if
    /// both are set.
    pub fn trusted_proxy(
        mut self,
        is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.policy.trusted_proxy = Some(Box::new(is_trusted));
        self
    }

    /// Reads `Forwarded` (RFC 7239) of the requests for which `is_trusted` returns true. Trust only
    /// a proxy that adds its own element with `host` and `proto`. Default: the header is ignored.
    ///
    /// Only the last element counts, since the proxy in front of the application added it; the
    /// client may have sent the elements before it. In a chain of proxies, the last proxy must pass
    /// on the host and the scheme of the first. If the header is malformed, no `Origin` matches.
    ///
    /// A public origin overrides the header, as with [`trusted_proxy`](Self::trusted_proxy).
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// // The application listens on an address that only the proxy reaches.
    /// let layer = CsrfLayer::builder(&KeyRing::random()).trusted_forwarded(|_| true).build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn trusted_forwarded(
        mut self,
        is_trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.policy.trusted_forwarded = Some(Box::new(is_trusted));
        self
    }

    /// Accepts requests from other hosts of the same site (`Sec-Fetch-Site: same-site`). An
    /// attacker who controls a page on any subdomain can then forge requests. If you can, list the
    /// origins that need access with [`trusted_origin`](Self::trusted_origin) instead.
    pub fn trust_same_site(mut self) -> Self {
        self.policy.trust_same_site = true;
        self
    }

    /// Accepts every request to `path` unchecked, such as a webhook that proves its sender in
    /// another way. The setter may be called several times.
    ///
    /// The layer compares the raw path that it receives, whole and case-sensitively. A path with
    /// `%`, `//` or dot segments is never exempt, since routers read such paths in more than one
    /// way.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random()).exempt("/webhook").build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn exempt(mut self, path: impl Into<String>) -> Self {
        self.policy.exempt.push(path.into());
        self
    }

    /// Adds a path at which a `RefreshLayer` or a
    /// [`RefreshEndpoint`](crate::refresh::RefreshEndpoint) inside serves refresh tokens, and
    /// nothing else. The setter may be called several times; an `AuthStack` adds its own paths.
    /// Default: none.
    ///
    /// At this path, HTTP Basic names an OAuth client, so it does not count as a credential that
    /// browsers attach. A request without such a credential brings its refresh token in the body
    /// and needs no CSRF token. The layer checks a refresh token in a cookie as everywhere.
    ///
    /// The layer compares the path in the same way as [`exempt`](Self::exempt).
    ///
    /// ```
    /// # use tower_auth::{CsrfLayer, KeyRing};
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .refresh_path("/auth/refresh")
    ///     .refresh_path("/auth/revoke")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    #[cfg(feature = "refresh")]
    pub fn refresh_path(mut self, path: impl Into<String>) -> Self {
        self.policy.refresh_paths.push(path.into());
        self
    }

    /// Also refuses requests that no browser sends across sites without a preflight, if they carry
    /// a credential that browsers attach, neither `Sec-Fetch-Site` nor `Origin`, and no valid
    /// token. Default: such requests pass, for programs that keep cookies and send JSON.
    pub fn strict(mut self) -> Self {
        self.policy.strict = true;
        self
    }

    /// Refuses nothing, and logs each request that the layer would refuse, under the code of the
    /// refusal. Use it to observe traffic before you enforce the checks. The layer still responds
    /// with 500 to a misconfiguration.
    pub fn report_only(mut self) -> Self {
        self.policy.report_only = true;
        self
    }

    /// Sets the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.policy.settings = settings.clone();
        self
    }

    /// Sets the format of refusals. Default: status and headers, no body.
    pub fn refuse_with<R2>(self, refuse: R2) -> CsrfLayerBuilder<R2, T> {
        CsrfLayerBuilder { policy: self.policy, tokens: self.tokens, refuse }
    }
}

impl<R, T> fmt::Debug for CsrfLayerBuilder<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfLayerBuilder").finish_non_exhaustive()
    }
}
