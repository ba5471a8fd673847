//! The rules for the kind of token.

/// The rules for tokens beyond signature, issuer, audience and lifetime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Any JWT that is not marked as another kind of token. This is the default, since most issuers
    /// do not follow RFC 9068 yet.
    ///
    /// `typ` is `JWT`, `at+jwt` or `application/at+jwt`, compared without case, or absent. An ID
    /// token without any mark of its kind passes if its audience is the layer's: see [kinds of
    /// tokens](crate::bearer#kinds-of-tokens).
    #[default]
    Jwt,
    /// Only access tokens as defined by RFC 9068.
    ///
    /// `typ` is `at+jwt` or `application/at+jwt`, `client_id`, `iat` and `jti` are required too,
    /// and `scope` must not be an array. No other kind of token can pass for an access token.
    Rfc9068,
    /// ID tokens as defined by OpenID Connect Core, for callers that cannot obtain an access token.
    ///
    /// **An ID token is not a permission to call an API.** It tells a client who logged in. Any
    /// server that receives one, as its audience, can use it here as its user. Set the audience to
    /// a client that has no other recipients of its ID tokens, and prefer access tokens.
    ///
    /// `typ` is `JWT`, compared without case, or absent. `iat` and `sub` are required, and the
    /// audience is in `aud`. The layer refuses a token with a mark of an access token (`scope`,
    /// `scp`, or a claim such as `"token_use":"access"`; see [kinds of
    /// tokens](crate::bearer#kinds-of-tokens)). It also refuses a token with `nonce`, which belongs
    /// to one login in one browser, unless
    /// [`insecure_accept_nonce`](crate::bearer::BearerJwtLayerBuilder::insecure_accept_nonce) is
    /// set.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key, Profile};
    ///
    /// let layer = BearerJwtLayer::builder("https://id.example", "my-client-id")
    ///     .algorithms([Algorithm::HS256])
    ///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
    ///     .profile(Profile::InsecureIdToken)
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
    /// ```
    InsecureIdToken,
}
