//! Requests to an endpoint, and their replies.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tower::{Service, ServiceExt as _};

use super::fixture::NAME;

/// The client's view of a response.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

pub(super) fn post() -> http::request::Builder {
    Request::post("/auth/refresh")
}

/// Builds a request as a page of the application sends it.
pub(super) fn by_cookie(token: &str) -> Request<Full<Bytes>> {
    let cookie = format!("{NAME}={token}");
    let own = post().header(COOKIE, cookie).header("sec-fetch-site", "same-origin");
    own.body(Full::default()).unwrap()
}

pub(super) fn form(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let form = "application/x-www-form-urlencoded";
    post().header(CONTENT_TYPE, form).body(Full::new(body.into())).unwrap()
}

pub(super) fn json(body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    post().header(CONTENT_TYPE, "application/json").body(Full::new(body.into())).unwrap()
}

pub(super) async fn send<S, B>(service: S, request: Request<Full<Bytes>>) -> Reply
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body<Error: std::fmt::Debug>,
{
    let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.into()).unwrap();
    Reply { status: parts.status, headers: parts.headers, body }
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        assert_eq!(self.headers[CONTENT_TYPE], "application/json");
        serde_json::from_str(&self.body).unwrap()
    }

    /// Returns the status and OAuth's error code.
    pub(super) fn error(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"].as_str().unwrap().to_owned())
    }

    pub(super) fn set_cookies(&self) -> Vec<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        lines.map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    /// Returns the refresh token in the response's only cookie.
    pub(super) fn cookie(&self) -> String {
        let [line] = &self.set_cookies()[..] else { panic!("{:?}", self.set_cookies()) };
        let pair = line.split(';').next().unwrap();
        pair.strip_prefix(NAME).unwrap()[1..].to_owned()
    }

    pub(super) fn removes_cookie(&self) -> bool {
        match &self.set_cookies()[..] {
            [] => false,
            [line] => line.starts_with(&format!("{NAME}=; ")) && line.contains("Max-Age=0"),
            lines => panic!("{lines:?}"),
        }
    }
}
