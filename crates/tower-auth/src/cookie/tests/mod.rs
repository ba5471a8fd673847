//! The guarantees of the cookie layer, by the numbers of the standards and traps behind them.

#[cfg(feature = "axum")]
mod axum;
mod caching;
mod domain;
mod layer;
mod properties;
mod reading;
mod scopes;
mod vectors;
mod views;
mod writing;

use std::convert::Infallible;
use std::future::{Future, ready};

use http::header::{COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderValue, Request, Response};
use tower::{Layer, ServiceExt, service_fn};

use super::{CookieLayer, Cookies};

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A request with these `Cookie` lines.
fn request(lines: &[&[u8]]) -> Request<()> {
    let mut request = Request::new(());
    for line in lines {
        request.headers_mut().append(COOKIE, HeaderValue::from_bytes(line).unwrap());
    }
    request
}

/// Returns the result of `work` in a handler behind the layer, for these `Cookie` lines, and the
/// headers of the response.
fn through<T>(
    layer: &CookieLayer,
    lines: &[&[u8]],
    work: impl FnOnce(&Cookies) -> T,
) -> (T, HeaderMap) {
    let (mut work, mut out) = (Some(work), None);
    let service = layer.layer(service_fn(|request: Request<()>| {
        let cookies = Cookies::of(request.extensions()).unwrap();
        out = Some((work.take().unwrap())(&cookies));
        ready(Ok::<_, Infallible>(Response::new(())))
    }));
    let response = block_on(service.oneshot(request(lines))).unwrap();
    (out.unwrap(), response.into_parts().0.headers)
}

/// Returns what a handler behind a plain layer reads from one `Cookie` line.
fn reading<T>(line: &[u8], work: impl FnOnce(&Cookies) -> T) -> T {
    let (out, headers) = through(&CookieLayer::new(), &[line], work);
    let only_vary = headers.len() == 1 && headers[VARY] == "Cookie";
    assert!(only_vary || headers.is_empty(), "reading sets nothing: {headers:?}");
    out
}

/// Returns the result of `work` in a handler behind a plain layer, and the `Set-Cookie` lines.
fn writing<T>(work: impl FnOnce(&Cookies) -> T) -> (T, Vec<String>) {
    let (out, headers) = through(&CookieLayer::new(), &[], work);
    (out, lines(&headers))
}

fn lines(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(SET_COOKIE).iter();
    lines.map(|line| line.to_str().unwrap().to_owned()).collect()
}

/// The `name=value` pair of a `Set-Cookie` line, as a browser sends it back.
fn pair(line: &str) -> &str {
    line.split(';').next().unwrap()
}
