//! The responses of the endpoints, in OAuth's format.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use tower_auth_core::{Dialect, Refuse, Rejection, refuse};

use super::client::ClientFault;

/// The error codes of RFC 6749, 5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OAuthError {
    InvalidRequest,
    InvalidGrant,
    InvalidScope,
    UnsupportedGrantType,
}

impl OAuthError {
    const fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidScope => "invalid_scope",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }
}

/// The reason why the endpoint returns no tokens.
pub(super) enum Fault {
    /// Another method than `POST`.
    Method,
    OAuth(OAuthError),
    Client {
        fault: ClientFault,
        /// The client authenticated in the `Authorization` header.
        by_header: bool,
    },
    Refused(Rejection),
}

impl From<OAuthError> for Fault {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

impl From<Rejection> for Fault {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

pub(super) fn fault(fault: Fault, dialect: Dialect) -> Response<Bytes> {
    match fault {
        Fault::Method => only_post(),
        Fault::OAuth(oauth) => error(oauth),
        Fault::Client { fault, by_header } => invalid_client(fault, by_header),
        Fault::Refused(rejection) => refused(rejection, dialect),
    }
}

fn error(error: OAuthError) -> Response<Bytes> {
    let body = serde_json::json!({ "error": error.code() }).to_string();
    json(StatusCode::BAD_REQUEST, body)
}

/// RFC 6749, 5.2: a client that authenticated in the header gets 401 and a challenge. A 401 needs a
/// challenge, so a client that authenticated in the body gets 400, as for all other errors.
fn invalid_client(fault: ClientFault, by_header: bool) -> Response<Bytes> {
    let body = serde_json::json!({
        "error": "invalid_client",
        "error_description": fault.text(),
    });
    if !by_header {
        return json(StatusCode::BAD_REQUEST, body.to_string());
    }
    let mut response = json(StatusCode::UNAUTHORIZED, body.to_string());
    let challenge = HeaderValue::from_static("Basic realm=\"refresh\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

pub(super) fn tokens(body: String) -> Response<Bytes> {
    json(StatusCode::OK, body)
}

/// RFC 7009, 2.2: clients ignore the body.
pub(super) fn revoked() -> Response<Bytes> {
    not_cached(Response::new(Bytes::new()))
}

fn only_post() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    not_cached(response)
}

pub(super) fn refused(rejection: Rejection, dialect: Dialect) -> Response<Bytes> {
    not_cached(refuse::write(&OAuth, rejection, dialect))
}

fn json(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    not_cached(response)
}

/// The jar sets `Cache-Control`. RFC 6749, 5.1 also requires `Pragma`.
fn not_cached(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Refusals in the format of OAuth's errors.
struct OAuth;

impl Refuse<Bytes> for OAuth {
    fn refuse(&self, rejection: &Rejection, dialect: Dialect) -> Response<Bytes> {
        if dialect != Dialect::Http {
            return refuse::respond(rejection, dialect, Bytes::new());
        }
        let error = match rejection {
            Rejection::Csrf(_) => "access_denied",
            Rejection::Unavailable | Rejection::Busy => "temporarily_unavailable",
            _ => "server_error",
        };
        let document =
            serde_json::json!({ "error": error, "error_description": rejection.to_string() });
        let mut response = refuse::respond(rejection, dialect, Bytes::from(document.to_string()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
