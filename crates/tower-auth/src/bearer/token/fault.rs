//! Why a token is not accepted: for events, never for the client (JW-30).

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bearer) enum Fault {
    /// Longer than the limit.
    TooLarge,
    /// Not three parts of strict base64url.
    Malformed,
    /// The header is no object, has a member twice, or one of another type.
    Header,
    /// `crit`, or an unencoded payload.
    Critical,
    /// `alg` is none of the layer's.
    Algorithm,
    /// `typ` is of another kind of token.
    Type,
    /// No key, or no single one.
    Key,
    /// The signature is not the key's.
    Signature,
    /// The claims are no object, have a member twice, or one of another type.
    Payload,
    /// Another issuer, or none.
    Issuer,
    /// For others, or for nobody.
    Audience,
    /// Past its end, or without one.
    Expired,
    /// Not valid yet, or issued in the future.
    TooEarly,
    /// Nobody's.
    Subject,
    /// Bound to a key that the layer cannot check (`cnf`).
    Bound,
    /// An ID token, a refresh token, a security event.
    Kind,
    /// Lacks a claim of RFC 9068, or has one in another form.
    Profile,
    /// Lacks a claim that the layer requires.
    Claim,
    /// The claims do not fit the application's type.
    Claims,
}

impl Fault {
    /// The reason code of an event.
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
