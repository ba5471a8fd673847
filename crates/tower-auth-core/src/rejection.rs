//! Why a request was refused.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::store::Reason;

/// Why a request was refused.
///
/// Every refusal of tower-auth carries one in the *response's* extensions, so that an outer layer
/// can log or count it. `Display` is the text for the client: constant for each kind, without
/// anything that the request brought along (ASVS 6.3.8).
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
    /// Nobody is logged in. 401.
    Anonymous,
    /// A token came and is not accepted: forged, expired, for another audience, malformed. Which
    /// of these is not said. 401.
    InvalidToken,
    /// The session ended while the request was under way. 401.
    Ended(Reason),
    /// The identity was proven longer ago than the route allows. 401.
    TooOld {
        /// How long ago it may have been proven.
        max_age: Duration,
    },
    /// The identity was not granted every scope that the route needs. 403.
    Scope {
        /// All scopes that the route needs, separated by spaces (RFC 6750, 3). Name them all, not
        /// only the missing one: a client requests what it is told.
        scope: Cow<'static, str>,
    },
    /// The identity does not hold this role. 403.
    Role {
        /// The role that is missing.
        role: Cow<'static, str>,
    },
    /// The request may have been forged by another site. 403.
    Csrf(CsrfFault),
    /// Two credentials that speak of different principals, or one that came twice. 400.
    Ambiguous,
    /// The `Authorization` header is not one well-formed credential. 400.
    InvalidRequest,
    /// The session's secret was rotated (a login) since the request read it. 409.
    Rotated,
    /// Others kept changing the session; nothing of this request's changes was saved. 503.
    Busy,
    /// The system that knows could not be asked. 503.
    Unavailable,
    /// A session, a family of refresh tokens or a cookie grew beyond what can be kept. 500: the
    /// application's to mend.
    TooLarge,
    /// A value is not what the application takes it for: of the session, of a cookie, a token that
    /// it cannot mint. 500: the application's to mend.
    Unreadable,
    /// The layers are put together wrongly. 500.
    Wiring(Wiring),
}

/// What made a request look forged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsrfFault {
    /// `Sec-Fetch-Site` says `cross-site` or `same-site`, and the origin is not trusted.
    CrossSite,
    /// `Origin` is another than the application's, and not trusted.
    ForeignOrigin,
    /// `Origin` is the application's in host and port, but not in its scheme: the page was called
    /// over plain HTTP, and the application is taken for one that is called over HTTPS, or the
    /// reverse. Use `https`, call it by a loopback address, or build the layers with `Settings` that
    /// say `.insecure_allow_plain_http()`.
    PlainHttp,
    /// Neither `Sec-Fetch-Site` nor `Origin` came, with a credential that browsers attach.
    MissingOrigin,
    /// The route asks for a token and none came.
    MissingToken,
    /// The token that came was not made for this session.
    BadToken,
}

impl CsrfFault {
    /// Returns a sentence for the operator of an application whose own pages or clients are refused:
    /// what to check, and which setting to use. It is constant for each fault.
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
                "Origin differs in its scheme alone: one side is plain HTTP; use https, a loopback \
                 address such as http://localhost, or the setting insecure_allow_plain_http",
            ),
            Self::MissingOrigin => Some(
                "neither Sec-Fetch-Site nor Origin came along; \
                 clients that are not browsers send Origin with the address they call",
            ),
            Self::MissingToken => Some(
                "the CSRF token is missing; send it in the header `X-CSRF-Token`, unless the \
                 application names another",
            ),
            Self::BadToken => None,
        }
    }

    /// The text for the client.
    const fn text(self) -> &'static str {
        match (self, self.advice()) {
            (Self::PlainHttp | Self::MissingOrigin | Self::MissingToken, Some(advice)) => advice,
            (Self::BadToken, _) => "the CSRF token is not of this session",
            _ => "the request comes from another site",
        }
    }
}

impl Rejection {
    /// The HTTP status.
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
            Self::TooLarge | Self::Unreadable | Self::Wiring(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The gRPC status code that means the same.
    #[must_use]
    pub const fn grpc_code(&self) -> u8 {
        match self {
            Self::Anonymous | Self::InvalidToken | Self::Ended(_) | Self::TooOld { .. } => 16,
            Self::Scope { .. } | Self::Role { .. } | Self::Csrf(_) => 7,
            Self::Ambiguous | Self::InvalidRequest => 3,
            Self::Rotated => 10,
            Self::Busy | Self::Unavailable => 14,
            Self::TooLarge | Self::Unreadable | Self::Wiring(_) => 13,
        }
    }

    /// A stable word for machines: log fields, metrics, the `code` member of a problem document.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Anonymous => "unauthenticated",
            Self::InvalidToken => "invalid_token",
            Self::Ended(reason) => match reason {
                Reason::LoggedOut => "session_logged_out",
                Reason::Kicked => "session_kicked",
                Reason::Replaced => "session_replaced",
                Reason::Revoked => "session_revoked",
                Reason::Reuse => "session_reuse",
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
            Self::TooLarge | Self::Unreadable | Self::Wiring(_) => "internal",
        }
    }

    /// After how many seconds the client may try again, where that can help.
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
            Self::TooOld { .. } => "the authentication is too long ago, authenticate again",
            Self::Scope { .. } => "the scope for this is not granted",
            Self::Role { .. } => "the role for this is not held",
            Self::Csrf(fault) => fault.text(),
            Self::Ambiguous => "the request carries more than one credential",
            Self::InvalidRequest => "the Authorization header is not one well-formed credential",
            Self::Rotated => "the session was renewed by another request, try again",
            Self::Busy => "the session is being changed by others, try again",
            Self::Unavailable => "authentication is unavailable for the moment",
            Self::TooLarge | Self::Unreadable | Self::Wiring(_) => "internal error",
        })
    }
}

impl std::error::Error for Rejection {}

/// A mistake in how the layers are put together: which layer, and what is wrong.
///
/// Fails closed with 500 (gRPC 13), is logged once (with feature `tracing`), and never shown to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// The layer or extractor that found out.
    pub layer: &'static str,
    /// What is wrong and what to do.
    pub problem: &'static str,
}

impl Wiring {
    /// Nobody in the path authenticates.
    pub const NO_AUTHENTICATION: Self = Self {
        layer: "Identity",
        problem: "no authenticating layer is outside: add a SessionLayer, a BearerJwtLayer, or a \
                  layer that inserts an Identity, further out. In axum the `.layer` that is called \
                  last is the outermost, and routes that are added after it are not inside",
    };
}

impl fmt::Display for Wiring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.layer, self.problem)
    }
}

impl std::error::Error for Wiring {}

impl From<Wiring> for Rejection {
    fn from(wiring: Wiring) -> Self {
        Self::Wiring(wiring)
    }
}
