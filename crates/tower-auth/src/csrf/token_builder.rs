//! The settings of a layer with tokens.

use std::sync::Arc;

use http::request::Parts;

use super::token_options::TokenOptions;
use super::{Builder, ConfigError, CsrfLayer, HeadersOnly};
use crate::KeyRing;

/// The token settings of a [`Builder`] for a [`CsrfLayer`].
pub struct Tokens(TokenOptions);

impl CsrfLayer {
    /// Begins a layer with settings: origins, proxies, tokens.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let layer = CsrfLayer::builder(&KeyRing::random())
    ///     .public_origin("https://app.example")
    ///     .build()?;
    /// # Ok::<_, tower_auth::csrf::ConfigError>(())
    /// ```
    pub fn builder(ring: &KeyRing) -> Builder {
        Builder::with(Tokens(TokenOptions::new(ring)))
    }
}

/// The settings of a layer with tokens.
impl<R> Builder<R> {
    /// Requires a token of every unsafe request that is not exempt, after the check of its origin.
    ///
    /// Two kinds of requests need none. A WebSocket's handshake cannot bring one, and is judged by
    /// its origin alone. A request that authenticates by one `Authorization: Bearer` or `DPoP` and
    /// carries no credential that browsers attach (see
    /// [`ambient_cookies`](Self::ambient_cookies)) comes from a program or a script, and not from
    /// another site. A request without any credential does need a token: a login form is one.
    pub fn require_token(mut self) -> Self {
        self.tokens.0.required.always = true;
        self
    }

    /// Requires a token of the unsafe requests for which this is true. May be called again: one
    /// that says so suffices.
    pub fn require_token_when(
        mut self,
        when: impl Fn(&Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.tokens.0.required.when.push(Box::new(when));
        self
    }

    /// The header that brings the token. Default: `x-csrf-token`.
    pub fn header_name(mut self, name: impl Into<String>) -> Self {
        self.tokens.0.header_name = Some(name.into());
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
        self.tokens.0.session_cookie = Some(name.into());
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
        self.tokens.0.pre_session_cookie = Some(name.into());
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
        self.tokens.0.partitioned = true;
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
        self.tokens.0.bind_to = Some(cookie_name.into());
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
        self.tokens.0.refresh_cookie = Some(name.into());
        self
    }

    /// Leaves a response that needed an identity to what its handler says of caching. Default: where
    /// the handler says nothing, such a response gets `Cache-Control: no-store`, so that no cache
    /// keeps it and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The outermost of tower-auth's layers decides.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.policy.allow_caching = true;
        self
    }

    /// Leaves the tokens out: the built layer is a
    /// [`CsrfHeadersLayer`](super::CsrfHeadersLayer), which issues none and checks none. In an
    /// `AuthStack` write `.csrf_with(|csrf| csrf.headers_only())`; elsewhere
    /// [`CsrfHeadersLayer::builder`](super::CsrfHeadersLayer::builder) needs no key ring.
    ///
    /// A setting of tokens does not compile after this one, and if it came before, `build` fails.
    ///
    /// ```
    /// use tower_auth::{CsrfLayer, KeyRing};
    ///
    /// let tokens = CsrfLayer::builder(&KeyRing::random()).require_token();
    /// assert_eq!(
    ///     tokens.headers_only().build().unwrap_err().to_string(),
    ///     "headers_only: without tokens, require_token has no meaning; leave out one of them"
    /// );
    /// ```
    pub fn headers_only(self) -> Builder<R, HeadersOnly> {
        let tokens = HeadersOnly { contradicted: self.tokens.0.setter() };
        Builder { policy: self.policy, tokens, refuse: self.refuse }
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
        Ok(CsrfLayer::from_parts(Arc::new(self.tokens.0.check(self.policy)?), self.refuse))
    }
}

/// The settings that a stack reads back.
#[cfg(feature = "stack")]
impl<R> Builder<R> {
    pub(crate) fn bound_to(&self) -> Option<&str> {
        let tokens = &self.tokens.0;
        tokens.session_cookie.as_deref().or(tokens.bind_to.as_deref())
    }
}

tower_auth_core::opaque_debug!(Tokens, "Tokens");
