//! Redirects of browsers to a login page.

use http::header::{ACCEPT, LOCATION, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use tower_auth_core::{Dialect, Refuse, Rejection, caching, refuse};

use super::return_path::Return;

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// A valid address, and the way to return from it.
pub(super) struct LoginPage {
    address: HeaderValue,
    back: Option<Return>,
}

impl LoginPage {
    /// Parses a path of this site, or an absolute https address.
    pub(super) fn parse(address: &str) -> Result<Self, &'static str> {
        // Browsers drop tabs and line ends, and read a backslash as a slash, so `/\evil.example`
        // would be another host.
        if !address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err("has a space, a backslash, a control or a non-ASCII character");
        }
        if address.starts_with('/') {
            if address.starts_with("//") {
                return Err("begins with two slashes, which names another host");
            }
        } else {
            let uri: Uri = address.parse().map_err(|_| "is not an address")?;
            if uri.scheme_str() != Some("https") {
                return Err("is neither a path that begins with a slash nor https");
            }
            let authority = uri.authority().map_or("", |it| it.as_str());
            if uri.host().is_none_or(str::is_empty) || authority.contains('@') {
                return Err("has no host, or a user before it");
            }
        }
        let address = HeaderValue::from_str(address).map_err(|_| "is not a valid header value")?;
        Ok(Self { address, back: None })
    }

    /// Passes the requested page to the login page.
    pub(super) fn with_return(mut self, back: Return) -> Result<Self, &'static str> {
        let address = self.address.as_bytes();
        if !address.starts_with(b"/") {
            return Err(
                "is on another site, which does not know the site of the path to return to",
            );
        }
        if address.contains(&b'#') {
            return Err("has a fragment, which would contain the parameter");
        }
        self.back = Some(back);
        Ok(self)
    }

    /// Returns the redirect's target for a request of `uri`.
    fn location(&self, uri: &Uri) -> HeaderValue {
        let page = self.address.to_str().unwrap_or_default();
        let back = self.back.as_ref().map(|back| back.address(page, uri));
        let location = back.and_then(|it| HeaderValue::from_maybe_shared(it).ok());
        location.unwrap_or_else(|| self.address.clone())
    }

    /// Returns `true` if the request should be redirected. Only a person with a browser can log in,
    /// and only for some refusals does logging in help.
    ///
    /// A HEAD is answered like a GET (RFC 9110, 9.3.2). A POST is never redirected: its body would
    /// be lost, or, with another status, sent to the login page.
    pub(super) fn is_for(&self, rejection: &Rejection, head: &Parts) -> bool {
        rejection.status() == StatusCode::UNAUTHORIZED
            && matches!(head.method, Method::GET | Method::HEAD)
            && is_navigation(&head.headers)
            && accepts_html(&head.headers)
    }

    /// Redirects with 303, so that the next request is a GET.
    pub(super) fn redirect<B>(
        &self,
        writer: &impl Refuse<B>,
        rejection: Rejection,
        uri: &Uri,
    ) -> Response<B> {
        // The body is the one for clients that do not read bodies: a document about a 401 does not
        // belong in a 303.
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

/// Returns `true` if the request is a navigation. Older browsers, and all browsers on plain http,
/// do not send the header.
fn is_navigation(headers: &HeaderMap) -> bool {
    headers.get_all(SEC_FETCH_MODE).iter().all(|mode| mode == "navigate")
}

/// Returns `true` if the client accepts `text/html` itself. `*/*` does not count: all other clients
/// send it.
fn accepts_html(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_html = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        is_html && parts.all(|parameter| !is_refusal(parameter))
    })
}

/// Returns `true` for a weight of zero, or one that is not a number.
fn is_refusal(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, weight)) if name.trim().eq_ignore_ascii_case("q") => {
            !weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0 && weight <= 1.0)
        }
        _ => false,
    }
}
