//! Refusals: a page for browsers, and no body for other clients.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Response, StatusCode};
use maud::html;
use tower_auth::refuse::{RequestHead, respond};
use tower_auth::require::return_path;
use tower_auth::{Dialect, Rejection};

/// Writes the response to a refused request.
pub(crate) fn page(rejection: &Rejection, dialect: Dialect, head: &RequestHead) -> Response<Body> {
    if dialect != Dialect::Http || !accepts_html(head) {
        return respond(rejection, dialect, Body::empty());
    }
    let (heading, advice) = match rejection.status() {
        StatusCode::UNAUTHORIZED => ("Please log in", "This page is for people who are logged in."),
        StatusCode::FORBIDDEN => {
            ("Not allowed", "You may not open this page, or not from that site.")
        }
        StatusCode::CONFLICT => ("Please try again", "Your login was renewed in the meantime."),
        StatusCode::SERVICE_UNAVAILABLE => ("Not available", "Try again in a moment."),
        _ => ("That did not work", "This is an error of the server."),
    };
    let content = html! {
        p { (advice) }
        @if rejection.status() == StatusCode::UNAUTHORIZED {
            p { a href="/login" { "Log in" } }
        } @else if let Some(page) = page_asked_for(head) {
            // The link repeats the client's text; maud escapes it.
            p { a href=(page) { (page) } }
        }
    };
    let body = crate::page(heading, &content).0;
    let mut response = respond(rejection, dialect, Body::from(body));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// Returns the requested page with its query, if a link can request it again. A link sends no
/// `POST`.
fn page_asked_for(head: &RequestHead) -> Option<&str> {
    let is_page = matches!(head.method, Method::GET | Method::HEAD);
    let asked_for = head.uri.path_and_query().filter(|_| is_page)?;
    // A path such as `//evil.example` would lead to another site.
    return_path(asked_for.as_str())
}

fn accepts_html(head: &RequestHead) -> bool {
    let accepted = head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accepted.is_some_and(|accept| accept.contains("text/html"))
}
