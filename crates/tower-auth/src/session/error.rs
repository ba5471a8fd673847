//! What a handler may hear from its session, and a builder from its check.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Rejection;
use tower_auth_core::store::{ErrorKind, Reason, StoreError};

use crate::jar::CookieError;

/// Why a session could not do what it was asked.
///
/// Turn it into a response with [`Rejection::from`], or with feature `axum` by `?`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// The store cannot be asked. Whether a session is there is not known, and nothing was
    /// changed as far as one can tell. 503.
    Unavailable,
    /// A logout could not end every session that the request brought: several came that the client
    /// keeps, without a [`replay_guard`](crate::session::Builder::replay_guard), or credentials of more than 64.
    /// Their cookies are removed, but a copy of them would still be accepted. 400.
    NotEnded,
    /// Another request's login renewed the session's secret after this request had read it. This
    /// request's changes are refused, not re-applied: they may come from before the login. 409.
    Rotated,
    /// The session ended while this request was under way, and stays ended. 401.
    Ended(Option<Reason>),
    /// Other nodes kept changing the session; after 16 retries nothing was saved. 503. Writers on
    /// one node queue, so that none of them is refused. With a timer a writer waits before each
    /// retry, a random time that grows up to 64 ms, and less than 0.8 s in all.
    Busy,
    /// The login rests on an event longer ago than the absolute timeout: authenticate again. 401.
    TooOld {
        /// The absolute timeout.
        absolute: Duration,
    },
    /// The identity to log in has no subject: everybody without one would be one principal. 500.
    NoSubject,
    /// An identity is to be updated, and no user is logged in. 401.
    NotLoggedIn,
    /// An identity is to be updated with that of another principal: log that one in instead. 500.
    OtherPrincipal,
    /// The session would be larger than its store can hold, or its cookies, with the others of this
    /// response, larger than the 8 KiB that a client can send back; the change was not made. 500.
    TooLarge,
    /// The response's head is out: what is written now could not be saved. 500.
    ResponseSent,
    /// What the store holds cannot be read, and was left as it is. 500.
    Unreadable,
    /// The value cannot be written as JSON; the change was not made. 500.
    Encode {
        /// Under which key.
        key: String,
    },
    /// What lies there is not of the type asked for. It was left as it is. 500.
    Decode {
        /// Under which key.
        key: String,
    },
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => f.write_str("the session store is unavailable"),
            Self::NotEnded => f.write_str(
                "several sessions came that only the client keeps, or more than 64: their cookies are \
                 removed, and not all could be ended",
            ),
            Self::Rotated => f.write_str("the session was renewed by another request's login"),
            Self::Ended(_) => f.write_str("the session has ended"),
            Self::Busy => f.write_str("others kept changing the session; nothing was saved"),
            Self::TooOld { .. } => {
                f.write_str("the authentication is longer ago than a session lasts")
            }
            Self::NoSubject => f.write_str("the identity to log in has no subject"),
            Self::NotLoggedIn => f.write_str("no user is logged in"),
            Self::OtherPrincipal => f.write_str(
                "the identity to update is of another principal than the session's: call login",
            ),
            Self::Unreadable => f.write_str("what the store holds of the session cannot be read"),
            Self::TooLarge => f.write_str(
                "the session is larger than its store can hold, or its cookies do not fit into the \
                 8192 octets that a client can send back",
            ),
            Self::ResponseSent => f.write_str("the response's head is out already"),
            Self::Encode { key } => {
                write!(f, "the value for session key {key:?} cannot be written as JSON")
            }
            Self::Decode { key } => {
                write!(f, "the session value under {key:?} is not of the type asked for")
            }
        }
    }
}

impl std::error::Error for SessionError {}

#[cfg(feature = "axum")]
impl SessionError {
    /// The word for it in a log.
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
            ErrorKind::TooLarge => Self::TooLarge,
            _ => Self::Unavailable,
        }
    }
}

/// Why a [`SessionLayer`](crate::session::SessionLayer) could not be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// A browser would drop the session's cookie.
    Cookie(CookieError),
    /// A timeout is zero.
    ZeroTimeout(&'static str),
    /// The idle timeout is longer than the absolute one, so it could never come to bear.
    IdleBeyondAbsolute {
        /// What `.idle_timeout` was given.
        idle: Duration,
        /// What `.absolute_timeout` was given, or its default.
        absolute: Duration,
    },
    /// A persistent cookie is to live longer than browsers keep any.
    PersistentTooLong,
    /// The realm cannot be quoted in a challenge.
    Realm,
    /// The issuer's name is empty.
    Issuer,
    /// The store cannot hold a session.
    Store,
    /// A replay guard for sessions that lie in a store already.
    GuardedStore,
    /// The replay guard may forget sessions to make room.
    GuardEvicts,
    /// [`Sessions`](crate::session::Sessions) were asked for, and the store cannot list by owner.
    StoreCannotList,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cookie(error) => write!(f, "{}: {error}", setters(error)),
            Self::ZeroTimeout(setter) => {
                write!(f, "{setter} was given zero: give it a duration, such as 30 minutes")
            }
            Self::IdleBeyondAbsolute { idle, absolute } => write!(
                f,
                "idle_timeout ({idle:?}) is longer than absolute_timeout ({absolute:?}): shorten \
                 the first or lengthen the second"
            ),
            Self::PersistentTooLong => f.write_str(
                "persistent cookies live for absolute_timeout, and browsers keep none beyond 400 \
                 days: shorten absolute_timeout",
            ),
            Self::Realm => f.write_str(
                "realm holds a quote, a backslash, a control or a non-ASCII character: use plain \
                 ASCII words",
            ),
            Self::Issuer => f.write_str("issuer is empty: name your application, or leave it out"),
            Self::Store => f.write_str(
                "the store's max_value is below 4096 bytes, too small for an identity and data: \
                 raise it",
            ),
            Self::GuardedStore => f.write_str(
                "replay_guard is for sessions that the client keeps (SessionLayer::in_cookie); a \
                 store guards its own: leave it out",
            ),
            Self::GuardEvicts => f.write_str(
                "replay_guard was given a store that may evict, and what it forgets could be \
                 replayed: give it one that does not",
            ),
            Self::StoreCannotList => f.write_str(
                "this store keeps no list of whose a session is, so nobody's sessions can be listed \
                 or ended from outside of them: take a store whose limits().lists is true",
            ),
        }
    }
}

/// What made the cookie one that browsers drop, and what to do.
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
                "partitioned: it goes without insecure_allow_plain_http, leave out one of them"
            }
            _ => "same_site: None goes without insecure_allow_plain_http, leave out one of them",
        },
        _ => "cookie_name",
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);
