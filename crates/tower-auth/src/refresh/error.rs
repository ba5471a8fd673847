//! The errors of requests and of builders.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Rejection;
use tower_auth_core::store::{StoreError, StoreErrorKind};

use super::MintError;
use crate::jar::CookieError;

/// The reason why there are no new tokens.
#[derive(Debug)]
#[non_exhaustive]
pub enum RefreshError {
    /// The token is invalid. OAuth's `invalid_grant`, 400.
    Refused(RefreshRefusal),
    /// A requested scope was not granted at login. `invalid_scope`, 400; the token stays valid.
    Scope,
    /// The store cannot be reached. 503; the token may be valid.
    Unavailable,
    /// Other requests kept changing the family, and nothing was done. 503.
    Busy,
    /// No access token could be minted. 500; the token stays valid.
    Mint(MintError),
    /// The client's name exceeds 1,024 bytes, or the identity exceeds the store's maximum size.
    /// 500.
    TooLarge,
}

/// The reason why a token is refused. The client does not learn it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshRefusal {
    /// The token was not made by this application. Found before any I/O, or by the tag if the
    /// attacker has the key ring. No family ends.
    Forged,
    /// The token belongs to another client. Nothing is consumed, and no family ends.
    Client,
    /// The family has ended, by revocation, by age, or because it was not used.
    Ended,
    /// A later version of this crate wrote the family. No family ends.
    Unreadable,
    /// The token was already used, and its window is over, so it was copied. The family has now
    /// ended.
    Reused,
}

impl RefreshRefusal {
    /// Returns `true` if all tokens of the family are invalid.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Ended | Self::Reused)
    }
}

impl fmt::Display for RefreshError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(_) => "the refresh token is not valid",
            Self::Scope => "a requested scope was not granted",
            Self::Unavailable => "the store of refresh tokens is unavailable",
            Self::Busy => "other requests kept changing the refresh token family; nothing was done",
            Self::Mint(_) => "no access token could be minted",
            Self::TooLarge => "the client's name or the identity is too large to store",
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

/// Converts the error for handlers that call the engine themselves. The endpoints answer with
/// OAuth's errors instead.
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

impl From<RefreshRefusal> for RefreshError {
    fn from(refusal: RefreshRefusal) -> Self {
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
            StoreErrorKind::TooLarge => Self::TooLarge,
            _ => Self::Unavailable,
        }
    }
}

/// The reason why a [`Refresh`](super::Refresh) or a [`RefreshLayer`](super::RefreshLayer) cannot
/// be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshConfigError {
    /// Browsers would drop the cookie.
    Cookie(CookieError),
    /// A lifetime is zero.
    ZeroTimeout(&'static str),
    /// The idle timeout is longer than the absolute timeout, so it would have no effect.
    IdleBeyondAbsolute {
        /// The value of `idle_timeout`, or its default.
        idle: Duration,
        /// The value of `absolute_timeout`, or its default.
        absolute: Duration,
    },
    /// The window is longer than five minutes, or not shorter than the idle timeout.
    Window {
        /// The value of `window`, or its default.
        window: Duration,
    },
    /// The issuer's name is empty.
    Issuer,
    /// The engine's name is empty.
    Name,
    /// The store cannot hold a family.
    Store,
    /// [`Revocations`](super::Revocations) need a store that can list by owner, and this store
    /// cannot.
    StoreCannotList,
    /// No request would match the path, or other requests would match it too.
    Path {
        /// The setter.
        setter: &'static str,
        /// The value of the setter, or its default.
        path: String,
        /// The fix.
        fix: &'static str,
    },
    /// Both endpoints have the same path.
    SamePath {
        /// The path.
        path: String,
    },
}

impl fmt::Display for RefreshConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(error) => write!(f, "cookie_name: {error}"),
            Self::ZeroTimeout(setter) => {
                write!(f, "{setter} is zero: set a duration, such as 14 days")
            }
            Self::IdleBeyondAbsolute { idle, absolute } => write!(
                f,
                "idle_timeout ({idle:?}) is longer than absolute_timeout ({absolute:?}): shorten \
                 the first or lengthen the second"
            ),
            Self::Window { window } => write!(
                f,
                "window ({window:?}) accepts used tokens for too long: set at most five minutes, and \
                 less than idle_timeout"
            ),
            Self::Issuer => f.write_str("issuer is empty: name your application, or leave it out"),
            Self::Name => f.write_str(
                "name is empty: name the engine, for example after its audience, or leave it out",
            ),
            Self::Store => f.write_str(
                "the store's max_value is below 4096 bytes, too small for an identity: raise it",
            ),
            Self::StoreCannotList => f.write_str(
                "the store cannot list records by owner, so a user's refresh tokens cannot be revoked \
                 together: use a store whose limits().lists is true",
            ),
            Self::Path { setter, path, fix } => write!(f, "{setter}({path:?}): {fix}"),
            Self::SamePath { path } => {
                write!(f, "refresh_path and revoke_path are both {path:?}: set different paths")
            }
        }
    }
}

impl std::error::Error for RefreshConfigError {}

tower_auth_core::debug_as_report!(RefreshConfigError);
