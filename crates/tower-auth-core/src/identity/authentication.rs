//! The method, the time and the expiry of an authentication.

use crate::Timestamp;
use crate::store::RecordId;

/// The kind of credential that proved an identity in this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthMethod {
    /// A server-side session.
    Session,
    /// A signed bearer token.
    Bearer,
    /// A signed bearer token that a browser attached by itself, in a cookie.
    BearerCookie,
    /// An opaque token, looked up in a store.
    Opaque,
    /// A refresh token, exchanged on the way in.
    Refresh,
    /// A layer that is not tower-auth's.
    Custom,
}

impl AuthMethod {
    /// Returns the method in lower case: `session`, `bearer`, `bearer_cookie`, `opaque`, `refresh`,
    /// `custom`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Bearer => "bearer",
            Self::BearerCookie => "bearer_cookie",
            Self::Opaque => "opaque",
            Self::Refresh => "refresh",
            Self::Custom => "custom",
        }
    }

    /// Returns `true` if the client added the credential to this request explicitly. A browser, by
    /// contrast, attaches cookies by itself.
    #[must_use]
    pub const fn is_explicit(self) -> bool {
        matches!(self, Self::Bearer | Self::Opaque)
    }

    /// Returns the rank among the credentials of one request. A higher one replaces a lower one.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Bearer | Self::Opaque => 2,
            Self::BearerCookie => 1,
            Self::Session | Self::Refresh | Self::Custom => 0,
        }
    }
}

/// The method, the time and the expiry of an authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// The kind of credential.
    pub method: AuthMethod,
    /// The time of the principal's last authentication, if known.
    pub authenticated_at: Option<Timestamp>,
    /// The time at which the authentication expires, if it expires by itself.
    pub expires_at: Option<Timestamp>,
    /// The id of the session, if there is one. Sessions are listed and ended by this id.
    pub session: Option<RecordId>,
}

impl Authentication {
    /// Creates a proof by `method`, without times and without a session.
    #[must_use]
    pub const fn by(method: AuthMethod) -> Self {
        Self { method, authenticated_at: None, expires_at: None, session: None }
    }
}
