//! Answers with a public document that never changes while the process runs.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;

/// Answers GET and HEAD with `document`, which caches may keep for five minutes. Other methods get
/// 405.
pub(crate) fn answer(
    method: &Method,
    document: &Bytes,
    content_type: &'static str,
) -> Response<Full<Bytes>> {
    let is_head = method == Method::HEAD;
    if method != Method::GET && !is_head {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let body = if is_head { Bytes::new() } else { document.clone() };
    let mut response = Response::new(Full::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
    response
}
