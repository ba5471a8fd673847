//! The reasons to refuse a token. They go to events, never to the client (JW-30).

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bearer) enum Fault {
    /// The token is longer than the limit.
    TooLarge,
    /// The token does not consist of three parts in strict base64url.
    Malformed,
    /// The header is not an object, or a member of it appears twice or has the wrong type.
    Header,
    /// The header has `crit`, or announces an unencoded payload.
    Critical,
    /// `alg` is not one of the layer's algorithms.
    Algorithm,
    /// `typ` names another kind of token.
    Type,
    /// No key fits, or more than one.
    Key,
    /// The signature does not verify under the key.
    Signature,
    /// The claims are not an object, or a member appears twice or has the wrong type.
    Payload,
    /// `iss` is missing or names another issuer.
    Issuer,
    /// `aud` is missing, or names only other audiences.
    Audience,
    /// `exp` is missing or has passed.
    Expired,
    /// The token is not valid yet, or was issued in the future.
    TooEarly,
    /// `sub` is missing or empty.
    Subject,
    /// The token is bound to a key (`cnf`), which the layer cannot check.
    Bound,
    /// The token is of another kind: an ID token, a refresh token or a security event.
    Kind,
    /// The token lacks a claim that the profile requires, or has it in another form.
    Profile,
    /// The token lacks a claim that the layer requires.
    Claim,
    /// The claims do not fit the application's type, or the application refuses them.
    Claims,
}

impl Fault {
    /// Returns the reason code for events.
    pub(in crate::bearer) const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "token_too_large",
            Self::Malformed => "token_malformed",
            Self::Header => "token_header",
            Self::Critical => "token_crit",
            Self::Algorithm => "token_alg",
            Self::Type => "token_typ",
            Self::Key => "token_kid",
            Self::Signature => "token_signature",
            Self::Payload => "token_payload",
            Self::Issuer => "token_iss",
            Self::Audience => "token_aud",
            Self::Expired => "token_exp",
            Self::TooEarly => "token_nbf",
            Self::Subject => "token_sub",
            Self::Bound => "token_cnf",
            Self::Kind => "token_kind",
            Self::Profile => "token_profile",
            Self::Claim => "token_claim",
            Self::Claims => "token_claims",
        }
    }
}
