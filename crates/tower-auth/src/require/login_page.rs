//! Where browsers are sent to log in.

use http::header::{ACCEPT, LOCATION, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use tower_auth_core::{Dialect, Refuse, Rejection, caching, refuse};

use super::return_path::Return;

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// A checked address, and how it is told the way back.
pub(super) struct LoginPage {
    address: HeaderValue,
    back: Option<Return>,
}

impl LoginPage {
    /// Takes a path of this site, or an absolute https address.
    pub(super) fn parse(address: &str) -> Result<Self, &'static str> {
        // Browsers drop tabs and line ends and read a backslash as a slash: `/\evil.example`
        // would be another host.
        if !address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err("has a space, a backslash, a control or a non-ASCII character");
        }
        if address.starts_with('/') {
            if address.starts_with("//") {
                return Err("begins with two slashes, which names another host");
            }
        } else {
            let uri: Uri = address.parse().map_err(|_| "is no address")?;
            if uri.scheme_str() != Some("https") {
                return Err("is neither a path that begins with a slash nor https");
            }
            let authority = uri.authority().map_or("", |it| it.as_str());
            if uri.host().is_none_or(str::is_empty) || authority.contains('@') {
                return Err("has no host, or a user before it");
            }
        }
        let address = HeaderValue::from_str(address).map_err(|_| "cannot stand in a header")?;
        Ok(Self { address, back: None })
    }

    /// Names the page that was asked for to the login page too.
    pub(super) fn with_return(mut self, back: Return) -> Result<Self, &'static str> {
        let address = self.address.as_bytes();
        if !address.starts_with(b"/") {
            return Err("is on another site, which cannot tell whose path it is to send back to");
        }
        if address.contains(&b'#') {
            return Err("has a fragment, which would swallow the parameter");
        }
        self.back = Some(back);
        Ok(self)
    }

    /// Where a request for that URI is sent.
    fn location(&self, uri: &Uri) -> HeaderValue {
        let page = self.address.to_str().unwrap_or_default();
        let back = self.back.as_ref().map(|back| back.address(page, uri));
        let location = back.and_then(|it| HeaderValue::from_maybe_shared(it).ok());
        location.unwrap_or_else(|| self.address.clone())
    }

    /// Only a person in front of a browser can log in, and only where logging in can help. A HEAD is
    /// answered as the GET would be (RFC 9110, 9.3.2). A POST is never redirected: its body would be
    /// lost, or with another status sent to the login page.
    pub(super) fn is_for(&self, rejection: &Rejection, head: &Parts) -> bool {
        rejection.status() == StatusCode::UNAUTHORIZED
            && matches!(head.method, Method::GET | Method::HEAD)
            && is_navigation(&head.headers)
            && accepts_html(&head.headers)
    }

    /// 303, so that whatever comes next is a GET.
    pub(super) fn redirect<B>(
        &self,
        writer: &impl Refuse<B>,
        rejection: Rejection,
        uri: &Uri,
    ) -> Response<B> {
        // The writer is asked for what it gives to clients that read no body: a document that
        // speaks of 401 must not lie in a 303.
        let bodiless = refuse::write(writer, rejection.clone(), Dialect::Grpc);
        let mut response = Response::new(bodiless.into_body());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let headers = response.headers_mut();
        headers.insert(LOCATION, self.location(uri));
        caching::no_store(headers);
        headers.insert(VARY, HeaderValue::from_static("accept, sec-fetch-mode"));
        response.extensions_mut().insert(rejection);
        response
    }
}

/// Browsers say so; older ones, and all of them on plain http, say nothing.
fn is_navigation(headers: &HeaderMap) -> bool {
    headers.get_all(SEC_FETCH_MODE).iter().all(|mode| mode == "navigate")
}

/// Whether `text/html` itself is accepted: `*/*` is what every other client says.
fn accepts_html(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_html = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        is_html && parts.all(|parameter| !is_refusal(parameter))
    })
}

/// A weight of zero, or one that cannot be read.
fn is_refusal(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, weight)) if name.trim().eq_ignore_ascii_case("q") => {
            !weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0 && weight <= 1.0)
        }
        _ => false,
    }
}
