//! The requests of the works.

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue};
use http_body_util::Empty;
use tower::service_fn;

use crate::call::{Call, Request, bare, calls};

pub(crate) fn get(headers: &[(HeaderName, &str)]) -> Request {
    let mut request = http::Request::new(Empty::<Bytes>::new());
    for (name, value) in headers {
        let value = value.parse().expect("a valid header");
        request.headers_mut().append(name, value);
    }
    request
}

pub(crate) fn post(headers: &[(HeaderName, &str)]) -> Request {
    let mut request = get(headers);
    *request.method_mut() = http::Method::POST;
    request
}

/// Returns twenty cookies in one line, as a browser sends them.
pub(crate) fn with_twenty_cookies() -> Request {
    let pairs: Vec<_> = (0..20).map(|n| format!("cookie{n}=value{n}")).collect();
    get(&[(COOKIE, &pairs.join("; "))])
}

pub(crate) fn with_cookie(pair: &str) -> Request {
    get(&[(COOKIE, pair)])
}

pub(crate) fn with_token(token: &str) -> Request {
    get(&[(AUTHORIZATION, &format!("Bearer {token}"))])
}

/// Returns a call that sends the request to the bare service.
pub(crate) fn alone(request: Request) -> Call {
    calls(service_fn(bare), request)
}

/// Returns the pair that the client sends back for a `Set-Cookie` line.
pub(crate) fn pair(line: &HeaderValue) -> &str {
    let line = line.to_str().expect("cookies are ASCII");
    line.split(';').next().unwrap_or_default()
}
