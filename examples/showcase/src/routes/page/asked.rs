//! The parts of a request that a page may show.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, HeaderName, ORIGIN};
use axum::http::request::Parts;
use tower_auth::{AuthState, Cookies, Session};

use super::typed;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub(crate) struct Asked {
    pub(super) state: AuthState,
    /// Whether there is a session, with or without a login.
    pub(super) has_session: bool,
    pub(super) method: String,
    /// The path without the query, which may contain private data.
    pub(super) path: String,
    /// The names of the cookies, never the values.
    pub(super) cookies: Vec<String>,
    pub(super) site: Option<String>,
    pub(super) origin: Option<String>,
    /// The name that was entered with a wrong password.
    pub(crate) typed: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    /// A layer is missing, which only the application can fix.
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let misconfigured = StatusCode::INTERNAL_SERVER_ERROR;
        let cookies = Cookies::of(&parts.extensions).ok_or(misconfigured)?;
        let session = Session::of(&parts.extensions).ok_or(misconfigured)?;
        let mut names: Vec<_> = cookies.iter().map(|cookie| cookie.name().to_owned()).collect();
        names.dedup();
        Ok(Self {
            state: AuthState::of(&parts.extensions).map_err(|_| misconfigured)?,
            has_session: session.id().is_some(),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            cookies: names,
            site: text(&parts.headers, &SEC_FETCH_SITE),
            origin: text(&parts.headers, &ORIGIN),
            typed: typed::kept(&cookies),
        })
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
