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
}
