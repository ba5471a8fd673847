//! The errors of building a layer and of issuing a token.

use std::fmt;

use tower_auth_core::{Misconfigured, Rejection};

use crate::jar::CookieError;

/// The reason why a [`CsrfLayer`](super::CsrfLayer) could not be built.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsrfConfigError {
    /// The value is not an origin.
    Origin {
        /// The setter.
        setter: &'static str,
        /// The value that the setter got.
        value: String,
        /// The fix.
        fix: &'static str,
    },
    /// The public origin is plain HTTP, but the layer's cookie requires HTTPS.
    PlainHttp {
        /// The public origin.
        value: String,
    },
    /// Both kinds of proxy headers were enabled.
    ProxyHeaders,
    /// The path would match no request, or another one than intended.
    Path {
        /// The setter.
        setter: &'static str,
        /// The path.
        path: String,
        /// The fix.
        fix: &'static str,
    },
    /// The name of a cookie is not a token (RFC 9110, 5.6.2).
    CookieName {
        /// The setter.
        setter: &'static str,
        /// The value that the setter got.
        name: String,
    },
    /// Browsers would drop the layer's own cookie.
    Cookie {
        /// The reason.
        error: CookieError,
    },
    /// The layer's own cookie has the same name as the cookie of the session or of the refresh
    /// token.
    OwnCookie {
        /// The setter.
        setter: &'static str,
        /// The name.
        name: String,
    },
    /// Two different cookies were named for the binding of tokens.
    TwoSessions {
        /// The cookie of another library.
        bound: String,
        /// The cookie of a `SessionLayer`.
        session: String,
    },
    /// A layer without tokens has a setting that only applies to tokens.
    HeadersOnly {
        /// The setter of tokens or cookies.
        setter: &'static str,
    },
    /// The header cannot carry a token.
    HeaderName {
        /// The name.
        name: String,
        /// The fix.
        fix: &'static str,
    },
}

impl fmt::Display for CsrfConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin { setter, value, fix } => write!(f, "{setter}({value:?}): {fix}"),
            Self::PlainHttp { value } => write!(
                f,
                "public_origin({value:?}): browsers drop the layer's Secure cookie over plain HTTP; \
                 begin with https://, or add insecure_allow_plain_http()"
            ),
            Self::ProxyHeaders => f.write_str(
                "trusted_proxy and trusted_forwarded: a proxy that sets X-Forwarded-* may pass on the \
                 client's Forwarded, and vice versa; keep the one whose headers your proxy sets",
            ),
            Self::Path { setter, path, fix } => write!(f, "{setter}({path:?}): {fix}"),
            Self::CookieName { setter, name } => write!(
                f,
                "{setter}({name:?}): the name of a cookie has letters, digits, - and _ and is not \
                 empty"
            ),
            Self::Cookie { error: CookieError::NeedsSecure(_) } => f.write_str(
                "partitioned: incompatible with insecure_allow_plain_http; leave out one of them",
            ),
            Self::Cookie { error } => write!(
                f,
                "pre_session_cookie: {error}; with insecure_allow_plain_http, give it a name without \
                 prefix"
            ),
            Self::OwnCookie { setter, name } => {
                write!(
                    f,
                    "{setter}({name:?}): the layer's own cookie needs another name than the cookies of \
                     the session and the refresh token"
                )
            }
            Self::TwoSessions { bound, session } => write!(
                f,
                "bind_to({bound:?}) and session_cookie({session:?}): tokens are bound to one session; \
                 keep session_cookie for a SessionLayer, or bind_to for another library"
            ),
            Self::HeadersOnly { setter } => write!(
                f,
                "headers_only: the layer has no tokens and knows no cookies, so {setter} has no meaning; \
                 leave out one of them"
            ),
            Self::HeaderName { name, fix } => write!(f, "header_name({name:?}): {fix}"),
        }
    }
}

impl std::error::Error for CsrfConfigError {}

tower_auth_core::debug_as_report!(CsrfConfigError);

/// The reason why no token was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The response's head was already sent. It can neither set the cookie that binds the token nor
    /// forbid caching. Issue the token before the response is returned.
    ResponseSent,
    /// The cookie that binds the token does not fit next to the cookies that the response already
    /// sets: clients could not send more than 8 KiB back. Issue the token before those cookies are
    /// set.
    TooMuch,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ResponseSent => f.write_str("the response's head was already sent"),
            Self::TooMuch => f.write_str(
                "the cookie that the token is bound to does not fit into the 8192 octets of cookies \
                 that a client can send back: set fewer or smaller cookies",
            ),
        }
    }
}

impl std::error::Error for TokenError {}

pub(super) const TOO_LATE: Misconfigured = Misconfigured {
    layer: "CsrfToken",
    problem: "a token was requested after the response's head was sent: issue it earlier",
};

/// Both errors become a 500: only the application can fix them.
impl From<TokenError> for Rejection {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::ResponseSent => TOO_LATE.into(),
            TokenError::TooMuch => Self::TooLarge,
        }
    }
}
