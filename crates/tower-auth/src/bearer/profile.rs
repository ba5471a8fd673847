//! Which kind of token is meant.

/// What tokens are held to beyond signature, issuer, audience and lifetime.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Any JWT that does not say it is something else than an access token: `typ` is `JWT`,
    /// `at+jwt`, `application/at+jwt`, in any case, or absent. The default, since most issuers do
    /// not follow RFC 9068 yet. An ID token without any sign of its kind passes, if its audience is the
    /// layer's: see [kinds of tokens](crate::bearer#kinds-of-tokens).
    #[default]
    Jwt,
    /// RFC 9068: `typ` is `at+jwt` or `application/at+jwt`, `client_id`, `iat` and `jti` are there
    /// too, and `scope` is no array. Nothing but an access token passes for one.
    Rfc9068,
}
