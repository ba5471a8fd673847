//! Why a token was refused, and why nothing could be built.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Rejection;
use tower_auth_core::store::{ErrorKind, StoreError};

use super::MintError;
use crate::jar::CookieError;

/// Why there are no new tokens.
#[derive(Debug)]
#[non_exhaustive]
pub enum RefreshError {
    /// The token is worth nothing. OAuth's `invalid_grant`, 400.
    Refused(Refusal),
    /// A scope was asked for that was not granted at login. `invalid_scope`, 400; the token stays
    /// good.
    Scope,
    /// The store cannot be asked. 503: the token may well be good.
    Unavailable,
    /// Others kept changing the family; nothing was done. 503.
    Busy,
    /// No access token could be minted. 500; the token stays good.
    Mint(MintError),
    /// The name of the client is longer than 1,024 bytes, or the identity than the store can hold.
    /// 500.
    TooLarge,
}

/// What is wrong with a token. The client is not told which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Not made by this application. Found out before any I/O, or, where somebody has the ring of
    /// keys, by the tag; nothing was ended for it.
    Forged,
    /// It is another client's; nothing was ended or consumed.
    Client,
    /// Its family ended, by revocation, by age, or because nobody used it.
    Ended,
    /// Its family was written by a later version of this crate; nothing was ended.
    Unreadable,
    /// It had been used, and its time was over: it was copied. The family is ended now.
    Reused,
}

impl Refusal {
    /// Whether no token of its family is good any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Ended | Self::Reused)
    }
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(_) => "the refresh token is not valid",
            Self::Scope => "a scope was asked for that was not granted",
            Self::Unavailable => "the store of refresh tokens is unavailable",
            Self::Busy => "others kept changing the family of refresh tokens; nothing was done",
            Self::Mint(_) => "no access token could be minted",
            Self::TooLarge => "the client's name or the identity is too large to be kept",
        })
    }
}

impl std::error::Error for RefreshError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Mint(error) => Some(error),
            _ => None,
        }
    }
}

/// For handlers that call the engine themselves; the endpoints answer in OAuth's words.
impl From<RefreshError> for Rejection {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Refused(_) => Self::InvalidToken,
            RefreshError::Scope => Self::InvalidRequest,
            RefreshError::Unavailable => Self::Unavailable,
            RefreshError::Busy => Self::Busy,
            RefreshError::TooLarge => Self::TooLarge,
            RefreshError::Mint(_) => Self::Unreadable,
        }
    }
}

impl From<Refusal> for RefreshError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<MintError> for RefreshError {
    fn from(error: MintError) -> Self {
        Self::Mint(error)
    }
}

impl From<StoreError> for RefreshError {
    fn from(error: StoreError) -> Self {
        match error.kind() {
            ErrorKind::TooLarge => Self::TooLarge,
            _ => Self::Unavailable,
        }
    }
}

/// Why a [`Refresh`](super::Refresh) or a [`RefreshLayer`](super::RefreshLayer) could not be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A browser would drop the cookie.
    Cookie(CookieError),
    /// A lifetime is zero.
    ZeroTimeout(&'static str),
    /// The idle timeout is longer than the absolute one, so it could never come to bear.
    IdleBeyondAbsolute {
        /// What `idle_timeout` was given, or its default.
        idle: Duration,
        /// What `absolute_timeout` was given, or its default.
        absolute: Duration,
    },
    /// The window is longer than five minutes, or not shorter than the idle timeout.
    Window {
        /// What `window` was given, or its default.
        window: Duration,
    },
    /// The issuer's name is empty.
    Issuer,
    /// The engine's name is empty.
    Name,
    /// The store cannot hold a family.
    Store,
    /// [`Revocations`](super::Revocations) were asked for, and the store cannot list by owner.
    StoreCannotList,
    /// A path that no request would match, or not only the one that is meant.
    Path {
        /// The setter.
        setter: &'static str,
        /// What it was given, or its default.
        path: String,
        /// What to do.
        fix: &'static str,
    },
    /// Both endpoints have one path.
    SamePath {
        /// The path.
        path: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(error) => write!(f, "cookie_name: {error}"),
            Self::ZeroTimeout(setter) => {
                write!(f, "{setter} was given zero: give it a duration, such as 14 days")
            }
            Self::IdleBeyondAbsolute { idle, absolute } => write!(
                f,
                "idle_timeout ({idle:?}) is longer than absolute_timeout ({absolute:?}): shorten \
                 the first or lengthen the second"
            ),
            Self::Window { window } => write!(
                f,
                "window ({window:?}) lets used tokens pass for too long: take at most five \
                 minutes, and less than idle_timeout"
            ),
            Self::Issuer => f.write_str("issuer is empty: name your application, or leave it out"),
            Self::Name => f.write_str(
                "name is empty: name the engine, such as by its audience, or leave it out",
            ),
            Self::Store => f.write_str(
                "the store's max_value is below 4096 bytes, too small for an identity: raise it",
            ),
            Self::StoreCannotList => f.write_str(
                "this store keeps no list of whose a refresh token is, so nobody's can be revoked \
                 all at once: take a store whose limits().lists is true",
            ),
            Self::Path { setter, path, fix } => write!(f, "{setter}({path:?}): {fix}"),
            Self::SamePath { path } => {
                write!(f, "refresh_path and revoke_path are both {path:?}: give each its own")
            }
        }
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);
