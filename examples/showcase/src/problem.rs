//! The application's own refusals, in the format of the layers' refusals (RFC 9457).

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// A problem: the status, a stable code for programs, and a sentence for people. Both texts are
/// constant, so a refusal never repeats the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: &'static str,
}

impl Problem {
    pub(crate) const NOT_THERE: Self = Self {
        status: StatusCode::NOT_FOUND,
        code: "not_there",
        detail: "the session has no value with this key",
    };
    pub(crate) const NO_SESSION: Self = Self {
        status: StatusCode::NOT_FOUND,
        code: "no_session",
        detail: "you have no session with this name",
    };
    pub(crate) const NO_LIST: Self = Self {
        status: StatusCode::NOT_IMPLEMENTED,
        code: "no_list",
        detail: "this store does not list sessions by user",
    };
    pub(crate) const NOT_READABLE: Self = Self {
        status: StatusCode::BAD_REQUEST,
        code: "not_readable",
        detail: "the body does not have the format of this route",
    };
    /// The same response for a wrong name and a wrong password.
    pub(crate) const WRONG_LOGIN: Self = Self {
        status: StatusCode::UNAUTHORIZED,
        code: "wrong_login",
        detail: "name or password is wrong",
    };
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = serde_json::json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "code": self.code,
            "detail": self.detail,
        });
        let mut response = (self.status, document.to_string()).into_response();
        let content_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    }
}
