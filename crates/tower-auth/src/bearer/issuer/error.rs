//! The errors of building an issuer and of minting a token.

use std::fmt;
use std::time::Duration;

/// A setting with which no layer would accept the issuer's tokens.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IssuerConfigError {
    /// The issuer is empty.
    Issuer,
    /// The settings name another issuer, so a session and a token of one user would be two
    /// principals.
    OtherIssuer {
        /// The issuer's name.
        issuer: String,
        /// The application's name in the settings.
        application: String,
    },
    /// The audience is empty.
    Audience,
    /// The client id is empty.
    ClientId,
    /// No key was given.
    NoKeys,
    /// A key cannot be used.
    Key {
        /// Its `kid`.
        kid: String,
        /// The problem.
        fault: &'static str,
    },
    /// Two keys have the same `kid`.
    DuplicateKid(String),
    /// A `kid` is empty, or longer than 256 bytes.
    Kid,
    /// The lifetime is shorter than a second or longer than a day.
    Lifetime(Duration),
}

impl fmt::Display for IssuerConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtIssuer: ")?;
        match self {
            Self::Issuer => f.write_str("the issuer is empty: pass this application's address"),
            Self::OtherIssuer { issuer, application } => write!(
                f,
                "its name is {issuer:?}, and the settings name the application {application:?}: \
                 use the same name, or a session and a token of one user are two principals"
            ),
            Self::Audience => f.write_str(
                "the audience is empty: pass the address of the API that accepts the tokens",
            ),
            Self::ClientId => {
                f.write_str("client_id is empty: name the client, or do not call client_id")
            }
            Self::NoKeys => f.write_str(
                "no key was given: add one with .signing_key, .signing_pem or .generated_key",
            ),
            Self::Key { kid, fault } => write!(f, "key {kid:?} {fault}"),
            Self::DuplicateKid(kid) => {
                write!(f, "two keys have the kid {kid:?}: give each key its own kid")
            }
            Self::Kid => f.write_str("a kid is empty or longer than 256 bytes: use 1 to 256 bytes"),
            Self::Lifetime(lifetime) => write!(
                f,
                "lifetime({lifetime:?}) must be between one second and one day: a token cannot be \
                 revoked, so use a few minutes"
            ),
        }
    }
}

impl std::error::Error for IssuerConfigError {}

tower_auth_core::debug_as_report!(IssuerConfigError);

/// The reason why a token could not be minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MintError {
    /// The identity belongs to another issuer: under this issuer's name, its subject would be a
    /// different user.
    ForeignIssuer,
    /// The identity has no subject.
    NoSubject,
    /// A user's subject equals the client id of the token, or a client's subject differs from it.
    /// Readers would take the token for that of another principal.
    Client,
    /// A scope is empty, or contains a space, a quote or a backslash. It would become a different
    /// scope, or several.
    Scope,
    /// The signature could not be made.
    Sign,
}

impl fmt::Display for MintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForeignIssuer => "the identity belongs to another issuer",
            Self::NoSubject => "the identity has no subject",
            Self::Client => "subject and client_id of the token would name another principal",
            Self::Scope => "a scope of the identity is not a valid scope token",
            Self::Sign => "the token could not be signed",
        })
    }
}

impl std::error::Error for MintError {}
