//! The builder's setters for carriers.

use super::super::BearerJwtLayerBuilder;

/// Setters for the parts of a request that may carry a token. The layer always reads the
/// `Authorization` header too. A request with several tokens, in any of these places, gets 400.
impl<C, R, I> BearerJwtLayerBuilder<C, R, I> {
    /// Also reads a token from the header `name`, whose whole value is the token. The setter may be
    /// called for several headers. Default: only `Authorization`.
    ///
    /// A proxy may derive such a header from a cookie, as identity-aware proxies do. Then a browser
    /// attaches the credential by itself: put a [`CsrfLayer`](crate::CsrfLayer) outside, and name
    /// the proxy's cookie with its `ambient_cookies`. The proxy must remove the header from
    /// requests of clients, or every client can send it.
    ///
    /// Such a request needs a CSRF token too if a `CsrfLayer` requires one: only `Authorization`
    /// exempts a request.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .from_header("x-access-token")
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn from_header(mut self, name: impl Into<String>) -> Self {
        self.options.carriers.headers.push((name.into(), None));
        self
    }

    /// Also reads a token from the header `name`, whose value is `prefix` and the token. See
    /// [`from_header`](Self::from_header).
    ///
    /// The prefix is compared without case, as schemes are. A value with another beginning is
    /// ignored.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// // A gateway replaces `Authorization`, and sends the client's own header on in this one.
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .from_header_with_prefix("x-forwarded-authorization", "Bearer ")
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn from_header_with_prefix(
        mut self,
        name: impl Into<String>,
        prefix: impl Into<String>,
    ) -> Self {
        self.options.carriers.headers.push((name.into(), Some(prefix.into())));
        self
    }

    /// Also reads a token from the cookie `name`. The setter may be called for several cookies.
    /// Default: no cookie.
    ///
    /// Choose a name that begins with `__Host-`: browsers then refuse a cookie of that name from
    /// another host. A request with two different values of the cookie gets 400.
    ///
    /// **A browser attaches the cookie to requests that other sites cause.** Put a
    /// [`CsrfLayer`](crate::CsrfLayer) outside; an [`AuthStack`](crate::AuthStack) is not built
    /// without it. The identity's method is
    /// [`AuthMethod::BearerCookie`](crate::AuthMethod::BearerCookie), which is not
    /// [explicit](crate::AuthMethod::is_explicit). If the `CsrfLayer` has a list of
    /// `ambient_cookies`, the list must contain this cookie, or requests with the cookie get 500.
    /// An `AuthStack` adds it.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://app.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .from_cookie("__Host-access")
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn from_cookie(mut self, name: impl Into<String>) -> Self {
        self.options.carriers.cookies.push(name.into());
        self
    }

    /// Also reads a token from the query parameter `name`, such as `access_token`. The setter may
    /// be called for several parameters. Default: no parameter.
    ///
    /// **Addresses are not secret.** Servers and proxies log them, browsers keep them in their
    /// history, and pages copy them. OAuth 2.1 therefore forbids such tokens. Use them only for a
    /// client that can send no header, such as a browser's `EventSource` or `WebSocket`, with
    /// tokens of a few minutes. The layer does not remove the token from the address.
    ///
    /// The layer decodes name and value as those of a form. The response gets `Cache-Control:
    /// no-store`.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .insecure_from_query("access_token")
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    pub fn insecure_from_query(mut self, name: impl Into<String>) -> Self {
        self.options.carriers.query.push(name.into());
        self
    }
}
