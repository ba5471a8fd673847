//! The errors of building the layer.

use std::fmt;
use std::time::Duration;

use super::Profile;
use crate::resource::BearerMethod;

/// A setting with which the layer would accept too much, or nothing.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BearerConfigError {
    /// The issuer is empty.
    Issuer,
    /// No issuer was given.
    NoIssuers,
    /// Two issuers have the same name.
    DuplicateIssuer(String),
    /// A template for the names of tenants cannot be used.
    Template {
        /// The template.
        template: String,
        /// The problem.
        fault: &'static str,
    },
    /// One of several issuers has a setting that is invalid.
    OfIssuer {
        /// The issuer's name.
        issuer: String,
        /// The problem.
        error: Box<Self>,
    },
    /// Fixed and live keys were given for one issuer.
    MixedKeys,
    /// The live keys are for none of the allowed algorithms.
    LiveAlgorithms,
    /// An audience is empty.
    Audience,
    /// No algorithm is allowed.
    NoAlgorithms,
    /// A key cannot be used.
    Key {
        /// Its position in the order given, starting with 1.
        position: usize,
        /// The problem.
        fault: String,
    },
    /// A JWK set cannot be used.
    JwkSet {
        /// Its position in the order given, starting with 1.
        position: usize,
        /// The problem.
        fault: String,
    },
    /// Two different keys for the same algorithm have the same `kid`.
    DuplicateKid(String),
    /// There is no usable key.
    NoKeys {
        /// The number of keys in the JWK sets that were skipped.
        skipped: usize,
        /// The names of the skipped keys, with the reasons.
        why: String,
    },
    /// The leeway is more than a few minutes.
    Leeway(Duration),
    /// The name of the roles claim is empty, or the claim has another meaning.
    RolesClaim(String),
    /// The path to the roles is empty, has an empty step, or begins with a claim that has another
    /// meaning.
    RolesPath(Vec<String>),
    /// The path to the scopes is empty, has an empty step, or begins with a claim that has another
    /// meaning.
    ScopesPath(Vec<String>),
    /// A claim cannot be used for this purpose, since it is empty or has another meaning.
    UnfitClaim {
        /// The setter.
        setter: &'static str,
        /// The name of the claim.
        name: String,
    },
    /// The subject would be an address.
    SubjectFromEmail,
    /// One claim was given two uses that exclude each other.
    TwoUses {
        /// The name of the claim.
        name: String,
        /// The setters or the uses.
        uses: [&'static str; 2],
    },
    /// A setting accepts tokens that the profile refuses.
    ProfileExcludes {
        /// The profile.
        profile: Profile,
        /// The setter.
        setter: &'static str,
    },
    /// A nonce was accepted of tokens that are not ID tokens.
    AcceptNonce,
    /// A setter was given an empty name of a claim or a member. The value names the setter.
    ClaimName(&'static str),
    /// RFC 9068 is required of a [`JwtIssuer`](super::JwtIssuer) whose tokens do not satisfy it.
    NoClientId,
    /// The maximum token length is 0, so every token would be too long.
    MaxTokenBytes,
    /// The realm contains characters that a challenge cannot hold.
    Realm,
    /// The metadata document of the protected resource lists a way in which the layer reads no
    /// token.
    BearerMethod(BearerMethod),
    /// A header, a cookie or a query parameter cannot carry a token.
    Carrier {
        /// The setter.
        setter: &'static str,
        /// The name that the setter got.
        name: String,
        /// The fix.
        fix: &'static str,
    },
}

impl fmt::Display for BearerConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerJwtLayer: ")?;
        self.describe(f)
    }
}

impl BearerConfigError {
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfIssuer { issuer, error } => {
                write!(f, "issuer {issuer:?}: ")?;
                error.describe(f)
            }
            Self::Issuer => f.write_str(
                "the issuer is empty: pass to builder the text that the tokens have in \"iss\"",
            ),
            Self::NoIssuers => f.write_str("no issuer was given: pass at least one TrustedIssuer"),
            Self::DuplicateIssuer(name) => write!(
                f,
                "two issuers have the name {name:?}, so a token's rules would be ambiguous: give \
                 one of them all keys and audiences"
            ),
            Self::Template { template, fault } => write!(f, "the template {template:?} {fault}"),
            Self::MixedKeys => f.write_str(
                "live_keys and key or jwk_set exclude each other: live keys may drop a key, fixed \
                 keys never do",
            ),
            Self::LiveAlgorithms => f.write_str(
                "live_keys have no key for the .algorithms: name at least one of their algorithms \
                 in both, or leave .algorithms out",
            ),
            Self::Audience => f.write_str(
                "an audience is empty: pass the text that the tokens have in \"aud\", such as this \
                 API's address",
            ),
            Self::NoAlgorithms => f.write_str(
                "no algorithm is allowed: add the issuer's signature algorithms with .algorithms",
            ),
            Self::Key { position, fault } => write!(f, "key {position} {fault}"),
            Self::JwkSet { position, fault } => write!(f, "jwk_set {position} {fault}"),
            Self::DuplicateKid(kid) => write!(
                f,
                "two different keys for one algorithm have the kid {kid:?}, so the signing key \
                 would be ambiguous: give each key its own kid"
            ),
            Self::NoKeys { skipped: 0, .. } => {
                f.write_str("no key was given: add the issuer's keys with .key or .jwk_set")
            }
            Self::NoKeys { skipped, why } => write!(
                f,
                "none of the {skipped} keys in jwk_set can verify a token of the .algorithms: {why}"
            ),
            Self::Leeway(leeway) => {
                write!(f, "leeway({leeway:?}) is too long: allow at most 5 minutes")
            }
            Self::RolesClaim(name) => write!(
                f,
                "roles_claim({name:?}) cannot hold roles: name a claim that has no other meaning"
            ),
            Self::RolesPath(path) => write!(
                f,
                "roles_path({path:?}) leads to no roles: name a claim that has no other meaning, \
                 and the members below it"
            ),
            Self::ScopesPath(path) => write!(
                f,
                "scopes_claim or scopes_path {path:?} leads to no scopes: name a claim that has no \
                 other meaning, and the members below it"
            ),
            Self::UnfitClaim { setter, name } => {
                write!(
                    f,
                    "{setter}({name:?}) cannot be used: name a claim that has no other meaning"
                )
            }
            Self::SubjectFromEmail => f.write_str(
                "subject_claim(\"email\") makes the next owner of an address the former user: name \
                 a claim that is never given to another user, or accept the risk with \
                 .insecure_subject_from_email",
            ),
            Self::TwoUses { name, uses: [one, other] } => write!(
                f,
                "{name:?} was given two uses, {one} and {other}: name a claim of its own for one"
            ),
            Self::ProfileExcludes { profile, setter } => write!(
                f,
                "{setter} accepts tokens that profile(Profile::{profile:?}) refuses: leave one of \
                 them out"
            ),
            Self::AcceptNonce => f.write_str(
                "insecure_accept_nonce has an effect only with \
                 profile(Profile::InsecureIdToken): set that profile, or leave the setter out",
            ),
            Self::ClaimName(setter) => write!(
                f,
                "{setter} was given an empty name: pass the name of the claim or of the member"
            ),
            Self::NoClientId => f.write_str(
                "profile(Profile::Rfc9068) refuses the tokens of this JwtIssuer, which name no \
                 client: give the issuer a .client_id",
            ),
            Self::MaxTokenBytes => {
                f.write_str("max_token_bytes(0) refuses every token: allow some thousand bytes")
            }
            Self::Realm => f.write_str(
                "realm cannot be sent in a header: use printable ASCII without quote and \
                 backslash",
            ),
            Self::BearerMethod(BearerMethod::Query) => f.write_str(
                "the document of the protected_resource lists BearerMethod::Query: leave it out of \
                 its bearer_methods, or read such tokens with insecure_from_query(\"access_token\")",
            ),
            Self::BearerMethod(method) => write!(
                f,
                "the document of the protected_resource lists BearerMethod::{method:?}, and the \
                 layer reads no token there: leave it out of its bearer_methods"
            ),
            Self::Carrier { setter, name, fix } => write!(f, "{setter}({name:?}): {fix}"),
        }
    }
}

impl std::error::Error for BearerConfigError {}

tower_auth_core::debug_as_report!(BearerConfigError);
