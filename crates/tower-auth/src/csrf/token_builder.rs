//! The builder's settings for tokens.

use std::sync::Arc;

use http::request::Parts;

use super::token_options::TokenOptions;
use super::{CsrfConfigError, CsrfLayer, CsrfLayerBuilder, HeadersOnly};
use crate::KeyRing;

/// The token settings of a [`CsrfLayerBuilder`] for a [`CsrfLayer`].
pub struct Tokens(TokenOptions);

impl CsrfLayer {
    /// Returns a builder for a layer with other settings: origins, proxies, tokens.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .public_origin("https://app.example")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn builder(ring: &KeyRing) -> CsrfLayerBuilder {
        CsrfLayerBuilder::with(Tokens(TokenOptions::new(ring)))
    }
}

/// Settings of a layer with tokens.
impl<R> CsrfLayerBuilder<R> {
    /// Requires a token of every unsafe request that is not exempt, after the check of its sender.
    ///
    /// Two kinds of requests need no token. A WebSocket handshake cannot carry one, so its origin
    /// alone decides. A request that authenticates by one `Authorization: Bearer` or `DPoP`, and
    /// carries no credential that browsers attach (see [`ambient_cookies`](Self::ambient_cookies)),
    /// comes from a program or a script, not from another site. A request without any credential
    /// does need a token: it may be a login form.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random()).require_token().build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn require_token(mut self) -> Self {
        self.tokens.0.required.always = true;
        self
    }

    /// Requires a token of the unsafe requests for which `when` returns true. If the setter is
    /// called several times, one closure that returns true suffices.
    pub fn require_token_when(
        mut self,
        when: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.tokens.0.required.when.push(Box::new(when));
        self
    }

    /// Sets the header that carries the token. Default: `x-csrf-token`.
    pub fn header_name(mut self, name: impl Into<String>) -> Self {
        self.tokens.0.header_name = Some(name.into());
        self
    }

    /// Names the cookie of the `SessionLayer` inside, whose secret binds tokens. An `AuthStack`
    /// sets the name itself. Default: `__Host-session`, as in `SessionLayer` (`session` over plain
    /// HTTP).
    ///
    /// Requests get a 500 if the `SessionLayer` inside has another cookie name or another key ring.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// // The name of the `SessionLayer`'s cookie with `.cookie_domain`.
    /// let layer =
    ///     CsrfLayer::builder(&KeyRing::random()).session_cookie("__Secure-session").build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn session_cookie(mut self, name: impl Into<String>) -> Self {
        self.tokens.0.session_cookie = Some(name.into());
        self
    }

    /// Names the layer's own cookie, which binds tokens while there is no session. Default:
    /// [`DEFAULT_COOKIE`](super::DEFAULT_COOKIE).
    ///
    /// If several applications share a host, give each its own name, as with
    /// [`SessionLayer`](crate::session::SessionLayerBuilder::cookie_name). Otherwise a visit to one application
    /// makes the other refuse a login form that is already open.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .session_cookie("__Host-shop-session")
    ///     .pre_session_cookie("__Host-shop-csrf")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn pre_session_cookie(mut self, name: impl Into<String>) -> Self {
        self.tokens.0.pre_session_cookie = Some(name.into());
        self
    }

    /// Separates the layer's own cookie by the site that embeds the application (CHIPS,
    /// `Partitioned`), as [`SessionLayer`](crate::session::SessionLayerBuilder::partitioned) does. The cookie
    /// is then `SameSite=None`, not `Lax`. Off by default.
    ///
    /// ```
    /// # use tower_auth::{CsrfLayer, KeyRing};
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .session_cookie("__Host-widget")
    ///     .pre_session_cookie("__Host-widget-csrf")
    ///     .partitioned()
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn partitioned(mut self) -> Self {
        self.tokens.0.partitioned = true;
        self
    }

    /// Names the session cookie of another library, whose whole value binds tokens.
    ///
    /// The layer refuses (403) a request with two different values of that cookie, since it cannot
    /// know which value the library reads. A value that a `SessionLayer` with this cookie name
    /// created still binds by its secret.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random()).bind_to("connect.sid").build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    pub fn bind_to(mut self, cookie_name: impl Into<String>) -> Self {
        self.tokens.0.bind_to = Some(cookie_name.into());
        self
    }

    /// Names the cookie of the refresh token, whose family binds tokens if there is no session.
    /// Default: `__Host-refresh`, as in [`Refresh`](crate::Refresh). Use the same name as in
    /// [`cookie_name`](crate::refresh::RefreshBuilder::cookie_name). An `AuthStack` sets the name itself.
    ///
    /// ```
    /// # use tower_auth::{CsrfLayer, KeyRing};
    /// let layer = CsrfLayer::builder(&KeyRing::random()).refresh_cookie("__Host-family").build()?;
    /// # Ok::<_, tower_auth::csrf::CsrfConfigError>(())
    /// ```
    #[cfg(feature = "refresh")]
    pub fn refresh_cookie(mut self, name: impl Into<String>) -> Self {
        self.tokens.0.refresh_cookie = Some(name.into());
        self
    }

    /// Leaves the caching of responses that used an identity to the handler.
    ///
    /// Default: if the handler does not set `Cache-Control`, such a response gets `no-store`. Then
    /// no cache keeps it, and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The setting of the outermost layer of
    /// tower-auth applies.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.policy.allow_caching = true;
        self
    }

    /// Names the cookies that count as credentials. A request with only other cookies then does not
    /// count as authenticated by a browser. Default: every cookie counts. Further calls add names.
    ///
    /// The layer's own cookie always counts, and so do the cookies of the session and of the
    /// refresh token. The layer knows their names from [`session_cookie`](Self::session_cookie),
    /// [`bind_to`](Self::bind_to) and [`refresh_cookie`](Self::refresh_cookie), from the
    /// other layers of an `AuthStack`, or by default. Outside a stack, also name the cookies that a
    /// `BearerJwtLayer` inside reads (`from_cookie`).
    pub fn ambient_cookies<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let all = self.tokens.0.ambient_cookies.get_or_insert_default();
        all.extend(names.into_iter().map(Into::into));
        self
    }

    /// Removes the tokens: `build` returns a [`CsrfHeadersLayer`](super::CsrfHeadersLayer), which
    /// neither issues nor checks tokens. In an `AuthStack` write
    /// `.csrf_with(|csrf| csrf.headers_only())`. Outside a stack,
    /// [`CsrfHeadersLayer::builder`](super::CsrfHeadersLayer::builder) needs no key ring.
    ///
    /// Every cookie then counts as a credential, because the layer knows no cookie. A setting of
    /// tokens or cookies after this call does not compile. Before it, it makes `build` fail.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let tokens = CsrfLayer::builder(&KeyRing::random()).require_token();
    /// assert_eq!(
    ///     tokens.headers_only().build().unwrap_err().to_string(),
    ///     "headers_only: the layer has no tokens and knows no cookies, so require_token has no meaning; leave out one of them"
    /// );
    /// ```
    pub fn headers_only(self) -> CsrfLayerBuilder<R, HeadersOnly> {
        let tokens = HeadersOnly { contradicted: self.tokens.0.setter() };
        CsrfLayerBuilder { policy: self.policy, tokens, refuse: self.refuse }
    }

    /// Builds the layer. Parses the origins and prepares the keys once, here.
    ///
    /// # Errors
    /// A setting is invalid, or two settings contradict each other. The message names the setter,
    /// its value, and the fix.
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
    pub fn build(self) -> Result<CsrfLayer<R>, CsrfConfigError> {
        Ok(CsrfLayer::from_parts(Arc::new(self.tokens.0.check(self.policy)?), self.refuse))
    }
}

/// Settings that a stack reads back.
#[cfg(feature = "stack")]
impl<R> CsrfLayerBuilder<R> {
    pub(crate) fn bound_to(&self) -> Option<&str> {
        let tokens = &self.tokens.0;
        tokens.session_cookie.as_deref().or(tokens.bind_to.as_deref())
    }

    pub(crate) const fn knows_ambient_cookies(&self) -> bool {
        self.tokens.0.ambient_cookies.is_some()
    }
}

tower_auth_core::opaque_debug!(Tokens, "Tokens");
