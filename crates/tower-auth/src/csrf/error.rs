//! What building may say, and what issuing may.

use std::fmt;

use tower_auth_core::{Rejection, Wiring};

use crate::jar::CookieError;

/// Why a [`CsrfLayer`](super::CsrfLayer) could not be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// What was given is not an origin.
    Origin {
        /// The setter.
        setter: &'static str,
        /// What it was given.
        value: String,
        /// What to do.
        fix: &'static str,
    },
    /// The public origin is plain HTTP, and the layer's cookie is for HTTPS.
    PlainHttp {
        /// The public origin.
        value: String,
    },
    /// Two kinds of headers were named that a proxy may set.
    ProxyHeaders,
    /// A path that no request would match, or not the one that is meant.
    Path {
        /// The setter.
        setter: &'static str,
        /// The path.
        path: String,
        /// What to do.
        fix: &'static str,
    },
    /// A cookie's name is not a token (RFC 9110, 5.6.2).
    CookieName {
        /// The setter.
        setter: &'static str,
        /// What it was given.
        name: String,
    },
    /// Browsers would drop the layer's own cookie.
    Cookie {
        /// The reason.
        error: CookieError,
    },
    /// The layer's own cookie has the name of the session's or of the refresh token's.
    OwnCookie {
        /// The setter.
        setter: &'static str,
        /// The name.
        name: String,
    },
    /// Two cookies were named to bind tokens to.
    TwoSessions {
        /// Another library's.
        bound: String,
        /// A `SessionLayer`'s.
        session: String,
    },
    /// A layer without tokens was asked for, and so was something that only tokens have.
    HeadersOnly {
        /// The setter that is for tokens.
        setter: &'static str,
    },
    /// The header cannot carry a token.
    HeaderName {
        /// The name.
        name: String,
        /// What to do.
        fix: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin { setter, value, fix } => write!(f, "{setter}({value:?}): {fix}"),
            Self::PlainHttp { value } => write!(
                f,
                "public_origin({value:?}): browsers drop the layer's Secure cookie over plain HTTP; \
                 begin with https://, or add insecure_allow_plain_http()"
            ),
            Self::ProxyHeaders => f.write_str(
                "trusted_proxy and trusted_forwarded: a proxy that sets X-Forwarded-* may pass the \
                 client's Forwarded on, and the reverse; keep the one whose headers your proxy sets",
            ),
            Self::Path { setter, path, fix } => write!(f, "{setter}({path:?}): {fix}"),
            Self::CookieName { setter, name } => write!(
                f,
                "{setter}({name:?}): the name of a cookie has letters, digits, - and _ and is not \
                 empty"
            ),
            Self::Cookie { error: CookieError::NeedsSecure(_) } => f.write_str(
                "partitioned: it does not go with insecure_allow_plain_http, leave out one of them",
            ),
            Self::Cookie { error } => write!(
                f,
                "pre_session_cookie: {error}; with insecure_allow_plain_http, give it a name without \
                 prefix"
            ),
            Self::OwnCookie { setter, name } => {
                write!(
                    f,
                    "{setter}({name:?}): the layer's own cookie and one that a session or a refresh \
                     token is in need different names"
                )
            }
            Self::TwoSessions { bound, session } => write!(
                f,
                "bind_to({bound:?}) and session_cookie({session:?}): tokens are bound to one session; \
                 keep session_cookie for a SessionLayer, or bind_to for another library"
            ),
            Self::HeadersOnly { setter } => write!(
                f,
                "headers_only: without tokens, {setter} has no meaning; leave out one of them"
            ),
            Self::HeaderName { name, fix } => write!(f, "header_name({name:?}): {fix}"),
        }
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);

/// Why no token was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The response's head is out: it can neither set the cookie that the token would be bound to
    /// nor say that it must not be stored. Issue before the response is returned.
    ResponseSent,
    /// The cookie that the token would be bound to does not fit next to the cookies that the response
    /// sets already: clients could not send more than 8 KiB back. Issue before those are set.
    TooMuch,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResponseSent => f.write_str("the response's head is out already"),
            Self::TooMuch => f.write_str(
                "the cookie that the token is bound to does not fit into the 8192 octets of cookies \
                 that a client can send back: set fewer or smaller cookies",
            ),
        }
    }
}

impl std::error::Error for TokenError {}

pub(super) const TOO_LATE: Wiring = Wiring {
    layer: "CsrfToken",
    problem: "a token was asked for after the response's head: issue it before",
};

/// 500: it is the application's to mend.
impl From<TokenError> for Rejection {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::ResponseSent => TOO_LATE.into(),
            TokenError::TooMuch => Self::TooLarge,
        }
    }
}
