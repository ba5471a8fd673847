//! Why the layer could not be built.

use std::fmt;
use std::time::Duration;

/// A setting with which the layer would accept what it should not, or nothing at all.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// The issuer is empty.
    Issuer,
    /// An audience is empty.
    Audience,
    /// No algorithm is allowed.
    NoAlgorithms,
    /// A key cannot be used.
    Key {
        /// Which one, in the order given; the first is 1.
        position: usize,
        /// What is wrong with it.
        fault: String,
    },
    /// A JWK set cannot be used.
    JwkSet {
        /// Which one, in the order given; the first is 1.
        position: usize,
        /// What is wrong with it.
        fault: String,
    },
    /// Two different keys for one algorithm have one name.
    DuplicateKid(String),
    /// No key is left.
    NoKeys {
        /// How many of the JWK sets' were skipped.
        skipped: usize,
        /// Which ones, by their names, and why.
        why: String,
    },
    /// The leeway is more than a few minutes.
    Leeway(Duration),
    /// The roles' claim is unnamed, or is one that has another meaning.
    RolesClaim(String),
    /// The path to the roles is empty, has an unnamed step, or begins with a claim that has another
    /// meaning.
    RolesPath(Vec<String>),
    /// This setter was given a claim without a name.
    ClaimName(&'static str),
    /// Tokens of RFC 9068 are wanted of a [`JwtIssuer`](super::JwtIssuer) that makes none.
    NoClientId,
    /// No token would be short enough.
    MaxTokenBytes,
    /// The realm cannot stand in a challenge.
    Realm,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerJwtLayer: ")?;
        match self {
            Self::Issuer => f.write_str(
                "the issuer is empty: give builder the text that the tokens' \"iss\" holds",
            ),
            Self::Audience => f.write_str(
                "an audience is empty: give the text that the tokens' \"aud\" holds, such as this \
                 API's address",
            ),
            Self::NoAlgorithms => f.write_str(
                "no algorithm is allowed: name with .algorithms those that the issuer signs with",
            ),
            Self::Key { position, fault } => write!(f, "key {position} {fault}"),
            Self::JwkSet { position, fault } => write!(f, "jwk_set {position} {fault}"),
            Self::DuplicateKid(kid) => write!(
                f,
                "two different keys for one algorithm have the kid {kid:?}: which of them signed \
                 could not be known; name each key differently"
            ),
            Self::NoKeys { skipped: 0, .. } => {
                f.write_str("no key was given: add the issuer's with .key or .jwk_set")
            }
            Self::NoKeys { skipped, why } => write!(
                f,
                "none of the {skipped} keys of jwk_set can check a token of the .algorithms: {why}"
            ),
            Self::Leeway(leeway) => write!(
                f,
                "leeway({leeway:?}) is more than clocks differ by: give it at most 5 minutes"
            ),
            Self::RolesClaim(name) => write!(
                f,
                "roles_claim({name:?}) cannot hold roles: name a claim that has no other meaning"
            ),
            Self::RolesPath(path) => write!(
                f,
                "roles_path({path:?}) leads to no roles: name a claim that has no other meaning, \
                 and the members below it"
            ),
            Self::ClaimName(setter) => {
                write!(f, "{setter} was given an empty name: name the claim that it is about")
            }
            Self::NoClientId => f.write_str(
                "profile(Profile::Rfc9068) refuses the tokens of this JwtIssuer, which name no \
                 client: give the issuer a .client_id",
            ),
            Self::MaxTokenBytes => {
                f.write_str("max_token_bytes(0) refuses every token: give it some thousands")
            }
            Self::Realm => f.write_str(
                "realm cannot stand in a header: give it printable ASCII without quote and \
                 backslash",
            ),
        }
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);
