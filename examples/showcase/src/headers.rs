//! Security headers for every response, including refusals.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::response::Response;

#[derive(Clone, Copy)]
pub(crate) struct Headers {
    pub(crate) https: bool,
}

/// Adds the headers that the response does not have. The page has its own policy, with its nonce.
pub(crate) async fn secure(State(config): State<Headers>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut say = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    say(X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Not `no-referrer`: with it, browsers send `Origin: null` with the application's own forms.
    say(REFERRER_POLICY, "same-origin");
    // Every response depends on the caller.
    say(CACHE_CONTROL, "no-store");
    if config.https {
        say(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
