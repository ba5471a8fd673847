//! The errors of sessions and of their builder.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Rejection;
use tower_auth_core::store::{EndReason, StoreError, StoreErrorKind};

use crate::jar::CookieError;

/// The reason why an operation on a session failed.
///
/// Convert it to a response with [`Rejection::from`], or with `?` if feature `axum` is enabled.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// The store is unavailable. It is unknown whether the session exists, and as far as is known
    /// nothing was changed. 503.
    Unavailable,
    /// A logout could not end every session that the request presented. Either it presented several
    /// sessions that the client keeps, without a
    /// [`replay_guard`](crate::session::SessionLayerBuilder::replay_guard), or more than 64 credentials. The
    /// response removes their cookies, but a copy of them would still be accepted. 400.
    NotEnded,
    /// A login of another request renewed the session's secret after this request had read it. This
    /// request's changes are refused and not applied again, because they may come from before the
    /// login. 409.
    Rotated,
    /// The session ended while this request was under way, and stays ended. 401.
    Ended(Option<EndReason>),
    /// Other nodes kept changing the session, and nothing was saved after 16 retries. 503. Writers
    /// on one node queue, so none of them fails for this reason. With a timer, a writer waits
    /// before each retry: a random time that grows up to 64 ms, and less than 0.8 s in all.
    Busy,
    /// The authentication that the login is based on is older than the absolute timeout:
    /// authenticate again. 401.
    TooOld {
        /// The absolute timeout.
        absolute: Duration,
    },
    /// The identity to log in has no subject. All users without a subject would be one principal.
    /// 500.
    NoSubject,
    /// An identity was to be updated, but no user is logged in. 401.
    NotLoggedIn,
    /// The new identity belongs to another principal than the session's: log that principal in
    /// instead. 500.
    OtherPrincipal,
    /// The session would exceed the size that its store can hold. Or its cookies, with the others
    /// of this response, would exceed the 8 KiB that a client can send back. The change was not
    /// made. 500.
    TooLarge,
    /// The response's head was already sent, so a change could not be saved. 500.
    ResponseSent,
    /// The stored record cannot be read, and was left unchanged. 500.
    Unreadable,
    /// The value cannot be written as JSON; the change was not made. 500.
    Encode {
        /// The key of the value.
        key: String,
    },
    /// The stored value is not of the requested type. It was left unchanged. 500.
    Decode {
        /// The key of the value.
        key: String,
    },
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("the session store is unavailable"),
            Self::NotEnded => f.write_str(
                "not all sessions could be ended: the request presented several that only the client \
                 keeps, or more than 64; their cookies are removed",
            ),
            Self::Rotated => f.write_str("the session was renewed by another request's login"),
            Self::Ended(_) => f.write_str("the session has ended"),
            Self::Busy => f.write_str("other requests kept changing the session; nothing was saved"),
            Self::TooOld { .. } => {
                f.write_str("the authentication is older than the session's absolute timeout")
            }
            Self::NoSubject => f.write_str("the identity to log in has no subject"),
            Self::NotLoggedIn => f.write_str("no user is logged in"),
            Self::OtherPrincipal => f.write_str(
                "the new identity belongs to another principal than the session's: call login",
            ),
            Self::Unreadable => f.write_str("the stored session cannot be read"),
            Self::TooLarge => f.write_str(
                "the session is too large for its store, or its cookies exceed the 8192 octets that \
                 a client can send back",
            ),
            Self::ResponseSent => f.write_str("the response's head was already sent"),
            Self::Encode { key } => {
                write!(f, "the value for session key {key:?} cannot be written as JSON")
            }
            Self::Decode { key } => {
                write!(f, "the session value under {key:?} is not of the requested type")
            }
        }
    }
}

impl std::error::Error for SessionError {}

#[cfg(feature = "axum")]
impl SessionError {
    /// Returns the error's code in logs.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable => "session_unavailable",
            Self::NotEnded => "session_not_ended",
            Self::Rotated => "session_rotated",
            Self::Ended(_) => "session_ended",
            Self::Busy => "session_busy",
            Self::TooOld { .. } => "session_login_too_old",
            Self::NoSubject => "session_login_without_subject",
            Self::NotLoggedIn => "session_not_logged_in",
            Self::OtherPrincipal => "session_of_another_principal",
            Self::TooLarge => "session_too_large",
            Self::ResponseSent => "session_response_sent",
            Self::Unreadable => "session_data_unreadable",
            Self::Encode { .. } => "session_value_is_no_json",
            Self::Decode { .. } => "session_value_of_another_type",
        }
    }
}

impl From<SessionError> for Rejection {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unavailable => Self::Unavailable,
            SessionError::NotEnded => Self::Ambiguous,
            SessionError::Rotated => Self::Rotated,
            SessionError::Ended(Some(reason)) => Self::Ended(reason),
            SessionError::Ended(None) | SessionError::NotLoggedIn => Self::Anonymous,
            SessionError::Busy => Self::Busy,
            SessionError::TooOld { absolute } => Self::TooOld { max_age: absolute },
            SessionError::TooLarge => Self::TooLarge,
            SessionError::ResponseSent
            | SessionError::NoSubject
            | SessionError::OtherPrincipal
            | SessionError::Unreadable
            | SessionError::Encode { .. }
            | SessionError::Decode { .. } => Self::Unreadable,
        }
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::TooLarge => Self::TooLarge,
            _ => Self::Unavailable,
        }
    }
}

/// The reason why a [`SessionLayer`](crate::session::SessionLayer) or its
/// [`Sessions`](crate::session::Sessions) cannot be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionConfigError {
    /// Browsers would drop the cookie.
    Cookie(CookieError),
    /// A timeout is zero.
    ZeroTimeout(&'static str),
    /// The idle timeout is longer than the absolute timeout, so it would have no effect.
    IdleBeyondAbsolute {
        /// The value of `idle_timeout`, or its default.
        idle: Duration,
        /// The value of `absolute_timeout`, or its default.
        absolute: Duration,
    },
    /// The persistent cookie would live longer than browsers keep any cookie.
    PersistentTooLong,
    /// A challenge cannot quote the realm.
    Realm,
    /// The issuer's name is empty.
    Issuer,
    /// The store cannot hold a session.
    Store,
    /// A replay guard was set, but the sessions are in a store already.
    GuardedStore,
    /// The replay guard's store may evict records to make room.
    GuardEvicts,
    /// [`Sessions`](crate::session::Sessions) need a store that can list by owner, and this store
    /// cannot.
    StoreCannotList,
}

impl fmt::Display for SessionConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(error) => write!(f, "{}: {error}", setters(error)),
            Self::ZeroTimeout(setter) => {
                write!(f, "{setter} is zero: set a duration, such as 30 minutes")
            }
            Self::IdleBeyondAbsolute { idle, absolute } => write!(
                f,
                "idle_timeout ({idle:?}) is longer than absolute_timeout ({absolute:?}): shorten \
                 the first or lengthen the second"
            ),
            Self::PersistentTooLong => f.write_str(
                "persistent cookies live for absolute_timeout, and browsers keep no cookie beyond \
                 400 days: shorten absolute_timeout",
            ),
            Self::Realm => f.write_str(
                "realm contains a quote, a backslash, a control or a non-ASCII character: use plain \
                 ASCII words",
            ),
            Self::Issuer => f.write_str("issuer is empty: name your application, or leave it out"),
            Self::Store => f.write_str(
                "the store's max_value is below 4096 bytes, too small for an identity and data: \
                 raise it",
            ),
            Self::GuardedStore => f.write_str(
                "replay_guard is only for sessions that the client keeps (SessionLayer::in_cookie), \
                 and these are in a store: leave it out",
            ),
            Self::GuardEvicts => f.write_str(
                "the store of replay_guard may evict, and a session whose mark was evicted could be \
                 replayed: set a store that does not evict",
            ),
            Self::StoreCannotList => f.write_str(
                "the store cannot list records by owner, so a user's sessions cannot be listed or \
                 ended together: use a store whose limits().lists is true",
            ),
        }
    }
}

/// Names the setter that makes browsers drop the cookie, and the fix.
const fn setters(error: &CookieError) -> &'static str {
    match error {
        CookieError::Prefix { needs, .. } => match needs.as_bytes() {
            b"Secure" => "insecure_allow_plain_http: give cookie_name a name without prefix",
            b"Path=/" => "cookie_path: leave it out, or give cookie_name a name without __Host-",
            _ => "cookie_domain: leave it out, or give cookie_name a name without __Host-",
        },
        CookieError::Attribute(attribute) => match attribute.as_bytes() {
            b"Domain" => "cookie_domain",
            _ => "cookie_path",
        },
        CookieError::NeedsSecure(attribute) => match attribute.as_bytes() {
            b"Partitioned" => {
                "partitioned: incompatible with insecure_allow_plain_http; leave out one of them"
            }
            _ => {
                "same_site: None is incompatible with insecure_allow_plain_http; leave out one of them"
            }
        },
        _ => "cookie_name",
    }
}

impl std::error::Error for SessionConfigError {}

tower_auth_core::debug_as_report!(SessionConfigError);
