//! The reason of a refusal.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::store::EndReason;

/// The reason of a refusal.
///
/// Every refusal of tower-auth carries one in the *response's* extensions, so an outer layer can
/// log or count it. `Display` is the text for the client. It is constant for each kind, and
/// contains no data from the request (ASVS 6.3.8).
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Rejection;
///
/// let refused = Rejection::Scope { scope: "reports:read".into() };
/// assert_eq!(refused.status(), 403);
/// assert_eq!(refused.grpc_code(), 7);
/// assert_eq!(refused.code(), "insufficient_scope");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The request is anonymous. 401.
    Anonymous,
    /// The token is not accepted: it is forged, expired, for another audience, or malformed. The
    /// client does not learn which. 401.
    InvalidToken,
    /// The session ended during the request. 401.
    Ended(EndReason),
    /// The authentication is older than the route allows. 401.
    TooOld {
        /// The maximum age of the authentication.
        max_age: Duration,
    },
    /// The identity does not have every scope that the route requires. 403.
    Scope {
        /// All scopes that the route requires, separated by spaces (RFC 6750, 3). List all of them,
        /// not only the missing ones: a client requests the listed scopes.
        scope: Cow<'static, str>,
    },
    /// The identity does not have a role that the route requires. 403.
    Role {
        /// The missing role.
        role: Cow<'static, str>,
    },
    /// Another site may have forged the request. 403.
    Csrf(CsrfFault),
    /// Two credentials identify different principals, or one credential was sent twice. 400.
    Ambiguous,
    /// The `Authorization` header does not hold one well-formed credential. 400.
    InvalidRequest,
    /// A login rotated the session's secret after this request had read it. 409.
    Rotated,
    /// Other requests kept changing the session. None of this request's changes were saved. 503.
    Busy,
    /// The system that decides cannot be reached. 503.
    Unavailable,
    /// A session, a refresh token family or a cookie exceeds its maximum size. 500: fix the
    /// application.
    TooLarge,
    /// A value of a session or cookie is not of the type that the application expects, or a token
    /// cannot be minted. 500: fix the application.
    Unreadable,
    /// The layers are combined incorrectly. 500.
    Misconfigured(Misconfigured),
}

/// The reason why a request may be forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsrfFault {
    /// `Sec-Fetch-Site` is `cross-site` or `same-site`, and the origin is not trusted.
    CrossSite,
    /// `Origin` is neither the application's own nor trusted.
    ForeignOrigin,
    /// `Origin` has the application's host and port, but another scheme. The page was called over
    /// plain HTTP although the application is expected on HTTPS, or the reverse. Use `https`, call
    /// the application by a loopback address, or build the layers with `Settings` that have
    /// `.insecure_allow_plain_http()`.
    PlainHttp,
    /// The request has neither `Sec-Fetch-Site` nor `Origin`, and a credential that browsers
    /// attach.
    MissingOrigin,
    /// The route requires a token, and the request has none.
    MissingToken,
    /// The token was not made for this session.
    BadToken,
}

impl CsrfFault {
    /// Returns advice for an operator whose own pages or clients are refused: what to check, and
    /// which setting to use. It is constant for each fault.
    ///
    /// It is the detail of the [events](crate::event) `csrf_refused` and `csrf_would_refuse`.
    ///
    /// ```
    /// use tower_auth_core::rejection::CsrfFault;
    ///
    /// let advice = CsrfFault::ForeignOrigin.advice().unwrap();
    /// assert!(advice.contains(".public_origin") && advice.contains(".trusted_origin"));
    /// assert!(CsrfFault::BadToken.advice().is_none());
    /// ```
    #[must_use]
    pub const fn advice(self) -> Option<&'static str> {
        match self {
            Self::CrossSite => {
                Some("if this is your own page: `.trusted_origin(…)` for a second origin")
            }
            Self::ForeignOrigin => Some(
                "if this is your own page: `.public_origin(…)` behind a proxy that changes Host, \
                 `.trusted_origin(…)` for a second origin",
            ),
            Self::PlainHttp => Some(
                "Origin differs only in its scheme: one side is plain HTTP; use https, a loopback \
                 address such as http://localhost, or the setting insecure_allow_plain_http",
            ),
            Self::MissingOrigin => Some(
                "the request has neither Sec-Fetch-Site nor Origin; \
                 clients that are not browsers send Origin with the address they call",
            ),
            Self::MissingToken => Some(
                "the CSRF token is missing; send it in the header `X-CSRF-Token`, unless the \
                 application configures another",
            ),
            Self::BadToken => None,
        }
    }

    /// Returns the text for the client.
    const fn text(self) -> &'static str {
        match (self, self.advice()) {
            (Self::PlainHttp | Self::MissingOrigin | Self::MissingToken, Some(advice)) => advice,
            (Self::BadToken, _) => "the CSRF token does not belong to this session",
            _ => "the request comes from another site",
        }
    }
}

impl Rejection {
    /// Returns the HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Anonymous | Self::InvalidToken | Self::Ended(_) | Self::TooOld { .. } => {
                StatusCode::UNAUTHORIZED
            }
            Self::Scope { .. } | Self::Role { .. } | Self::Csrf(_) => StatusCode::FORBIDDEN,
            Self::Ambiguous | Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::Rotated => StatusCode::CONFLICT,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge | Self::Unreadable | Self::Misconfigured(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// Returns the equivalent gRPC status code.
    #[must_use]
    pub const fn grpc_code(&self) -> u8 {
        match self {
            Self::Anonymous | Self::InvalidToken | Self::Ended(_) | Self::TooOld { .. } => 16,
            Self::Scope { .. } | Self::Role { .. } | Self::Csrf(_) => 7,
            Self::Ambiguous | Self::InvalidRequest => 3,
            Self::Rotated => 10,
            Self::Busy | Self::Unavailable => 14,
            Self::TooLarge | Self::Unreadable | Self::Misconfigured(_) => 13,
        }
    }

    /// Returns a stable code for machines: log fields, metrics, the `code` member of a problem
    /// document.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Anonymous => "unauthenticated",
            Self::InvalidToken => "invalid_token",
            Self::Ended(reason) => match reason {
                EndReason::LoggedOut => "session_logged_out",
                EndReason::Kicked => "session_kicked",
                EndReason::Replaced => "session_replaced",
                EndReason::Revoked => "session_revoked",
                EndReason::Reuse => "session_reuse",
            },
            Self::TooOld { .. } => "insufficient_user_authentication",
            Self::Scope { .. } => "insufficient_scope",
            Self::Role { .. } => "insufficient_role",
            Self::Csrf(CsrfFault::CrossSite) => "csrf_cross_site",
            Self::Csrf(CsrfFault::ForeignOrigin) => "csrf_foreign_origin",
            Self::Csrf(CsrfFault::PlainHttp) => "csrf_plain_http",
            Self::Csrf(CsrfFault::MissingOrigin) => "csrf_missing_origin",
            Self::Csrf(CsrfFault::MissingToken) => "csrf_missing_token",
            Self::Csrf(CsrfFault::BadToken) => "csrf_bad_token",
            Self::Ambiguous => "ambiguous_credentials",
            Self::InvalidRequest => "invalid_request",
            Self::Rotated => "session_rotated",
            Self::Busy => "session_busy",
            Self::Unavailable => "unavailable",
            Self::TooLarge | Self::Unreadable | Self::Misconfigured(_) => "internal",
        }
    }

    /// Returns the number of seconds after which a retry may succeed, if one can.
    #[must_use]
    pub const fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Busy | Self::Unavailable => Some(1),
            _ => None,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "authentication is required",
            Self::InvalidToken => "the token is not accepted",
            Self::Ended(_) => "the session has ended",
            Self::TooOld { .. } => "the authentication is too old, authenticate again",
            Self::Scope { .. } => "a required scope is not granted",
            Self::Role { .. } => "a required role is missing",
            Self::Csrf(fault) => fault.text(),
            Self::Ambiguous => "the request carries more than one credential",
            Self::InvalidRequest => {
                "the Authorization header does not hold one well-formed credential"
            }
            Self::Rotated => "another request renewed the session, try again",
            Self::Busy => "other requests keep changing the session, try again",
            Self::Unavailable => "authentication is temporarily unavailable",
            Self::TooLarge | Self::Unreadable | Self::Misconfigured(_) => "internal error",
        })
    }
}

impl std::error::Error for Rejection {}

/// The scopes that a route requires, in the *response's* extensions of a refusal with 401.
///
/// A layer that requires scopes adds it, because a [`Rejection`] of status 401 names none. The outer
/// layer that writes the challenge can then name them (RFC 6750, 3), so a client requests all of
/// them with its first token. A 403 names its scopes in [`Rejection::Scope`].
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use http::Response;
/// use tower_auth::{Dialect, Rejection, RequiredScopes, refuse};
///
/// let mut response: Response<()> =
///     refuse::write(&refuse::Empty, Rejection::Anonymous, Dialect::Http);
/// response.extensions_mut().insert(RequiredScopes::new("reports:read reports:write"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredScopes(Arc<str>);

impl RequiredScopes {
    /// Names `scopes`, which are separated by spaces.
    #[must_use]
    pub fn new(scopes: impl Into<Arc<str>>) -> Self {
        Self(scopes.into())
    }

    /// Returns the scopes, separated by spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A mistake in the combination of the layers: the layer, and the problem.
///
/// The request is refused with 500 (gRPC 13). With feature `tracing`, the mistake is logged once.
/// The client never sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misconfigured {
    /// The layer or extractor that found the mistake.
    pub layer: &'static str,
    /// The problem and its solution.
    pub problem: &'static str,
}

impl Misconfigured {
    /// No layer around the service authenticates.
    pub const NO_AUTHENTICATION: Self = Self {
        layer: "Identity",
        problem: "no authenticating layer is around this service: add a SessionLayer, a \
                  BearerJwtLayer, or a layer that inserts an Identity, further out. In axum, the \
                  last `.layer` call is the outermost, and routes that are added after it are not \
                  inside it",
    };
}

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.layer, self.problem)
    }
}

impl std::error::Error for Misconfigured {}

impl From<Misconfigured> for Rejection {
    fn from(misconfigured: Misconfigured) -> Self {
        Self::Misconfigured(misconfigured)
    }
}
