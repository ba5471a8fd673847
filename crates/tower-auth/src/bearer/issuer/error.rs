//! Why an issuer could not be built, or a token not be minted.

use std::fmt;
use std::time::Duration;

/// A setting with which nobody would accept the issuer's tokens.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
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
    /// The client is named by an empty text.
    ClientId,
    /// No key was given.
    NoKeys,
    /// A key cannot be used.
    Key {
        /// Its name.
        kid: String,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// Two keys have one name.
    DuplicateKid(String),
    /// A key is named by an empty text, or a very long one.
    Kid,
    /// Tokens would end at once, or live for very long.
    Lifetime(Duration),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtIssuer: ")?;
        match self {
            Self::Issuer => f.write_str("the issuer is empty: give it this application's address"),
            Self::OtherIssuer { issuer, application } => write!(
                f,
                "its name is {issuer:?}, and the settings name the application {application:?}: \
                 give both one name, or a session and a token of one user are two principals"
            ),
            Self::Audience => f.write_str(
                "the audience is empty: give it the address of the API that takes the tokens",
            ),
            Self::ClientId => f.write_str("client_id is empty: name the client, or leave it out"),
            Self::NoKeys => f.write_str(
                "no key was given: add one with .signing_key, .signing_pem or .generated_key",
            ),
            Self::Key { kid, fault } => write!(f, "key {kid:?} {fault}"),
            Self::DuplicateKid(kid) => {
                write!(f, "two keys have the kid {kid:?}: name each key differently")
            }
            Self::Kid => f.write_str("a kid is empty or longer than 256 bytes: name the key"),
            Self::Lifetime(lifetime) => write!(
                f,
                "lifetime({lifetime:?}) must be between one second and one day: a token cannot be \
                 called back, so give it some minutes"
            ),
        }
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);

/// A token could not be minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MintError {
    /// The identity is another issuer's: under this one's name its subject would be somebody else.
    ForeignIssuer,
    /// The identity has no subject.
    NoSubject,
    /// A scope is empty or holds a space, a quote or a backslash: it would become another scope, or
    /// several.
    Scope,
    /// The signature could not be made.
    Sign,
}

impl fmt::Display for MintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ForeignIssuer => "the identity is of another issuer than this one",
            Self::NoSubject => "the identity has no subject",
            Self::Scope => "a scope of the identity is not one scope token",
            Self::Sign => "the token could not be signed",
        })
    }
}

impl std::error::Error for MintError {}
