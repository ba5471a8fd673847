//! SE-13: a response that must not be stored has no header field that a cache obeys before
//! `Cache-Control`. Every other response keeps the handler's fields.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tower_auth::RequireLayer;
use tower_auth_test::client::TestResponse;

use crate::fixture::{Client, Fixture, Transport, everywhere, routes};

const ORIGIN: &str = "https://app.example";

/// Targeted cache control in several spellings, vendors' own fields, and fields that HTTP/1.0
/// caches obey.
const OUTRANKING: [&str; 11] = [
    "CDN-Cache-Control",
    "cloudflare-cdn-cache-control",
    "Vercel-CDN-Cache-Control",
    "Netlify-CDN-Cache-Control",
    "X-LiteSpeed-Cache-Control",
    "Akamai-Cache-Control",
    "ANY-OTHER-CACHE-CONTROL",
    "Surrogate-Control",
    "Edge-Control",
    "X-Accel-Expires",
    "Expires",
];

/// Fields with similar names, which do not make a cache store anything.
const OTHERS: [&str; 4] = ["Surrogate-Key", "X-Cache-Control-Policy", "Pragma", "ETag"];

/// Adds each field twice to the handler's response.
async fn say(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for name in OUTRANKING.iter().chain(&OTHERS) {
        let name: HeaderName = name.parse().unwrap();
        for value in ["max-age=3600", "max-age=7200"] {
            response.headers_mut().append(name.clone(), HeaderValue::from_static(value));
        }
    }
    let public = HeaderValue::from_static("public, max-age=3600");
    response.headers_mut().append(CACHE_CONTROL, public);
    response
}

/// The common routes, `/page` and `/guarded`. Every response has all of these fields.
fn app(fixture: &Fixture) -> Router {
    let guarded = get(async || "guarded").layer(RequireLayer::new());
    let more = Router::new().route("/page", get(async || "page")).route("/guarded", guarded);
    routes().merge(more).layer(from_fn(say)).layer(fixture.layer(|it| it))
}

fn lines(headers: &HeaderMap, name: &str) -> usize {
    headers.get_all(name).iter().count()
}

#[track_caller]
fn assert_not_stored(reply: &TestResponse) {
    let said: Vec<_> = reply.headers().get_all(CACHE_CONTROL).iter().collect();
    assert_eq!(said, ["no-store"], "{:?}", reply.headers());
    for name in OUTRANKING {
        assert_eq!(lines(reply.headers(), name), 0, "{name}");
    }
    for name in OTHERS {
        assert_eq!(lines(reply.headers(), name), 2, "{name}");
    }
}

#[track_caller]
fn assert_as_said(reply: &TestResponse) {
    let said: Vec<_> = reply.headers().get_all(CACHE_CONTROL).iter().collect();
    assert_eq!(said, ["public, max-age=3600"], "{:?}", reply.headers());
    for name in OUTRANKING.iter().chain(&OTHERS) {
        assert_eq!(lines(reply.headers(), name), 2, "{name}");
    }
}

async fn post(browser: &Client, path: &str) -> TestResponse {
    let reply = browser.post(path).await;
    assert_eq!(reply.status(), StatusCode::OK, "{path}");
    reply
}

#[tokio::test]
async fn se_13_d45_nothing_outranks_no_store_where_a_session_is_set_or_removed() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&app(fixture), ORIGIN);
        // The first write, a login in that session, the same login again, a login as another user,
        // and the logout.
        for path in ["/put/a/1", "/login/alice", "/login/alice", "/login/bob", "/logout"] {
            let reply = post(&browser, path).await;
            assert!(!reply.set_cookies().is_empty(), "{path}");
            assert_not_stored(&reply);
        }
        // A login of a visitor who has no session.
        assert_not_stored(&post(&browser, "/login/alice").await);
    })
    .await;
}

#[tokio::test]
async fn se_13_a_write_of_a_session_is_not_stored_where_it_sends_a_cookie() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&app(fixture), ORIGIN);
        post(&browser, "/login/alice").await;
        let reply = post(&browser, "/put/a/1").await;
        // A write to the record in the store sends nothing to the client.
        if fixture.transport == Transport::Store {
            assert_eq!(reply.set_cookies(), [""; 0]);
            assert_as_said(&reply);
        } else {
            assert_not_stored(&reply);
        }
    })
    .await;
}

#[tokio::test]
async fn se_13_a_refusal_carries_nothing_that_outranks_no_store() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&app(fixture), ORIGIN);
        let refused = browser.get("/guarded").await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert_not_stored(&refused);
    })
    .await;
}

#[tokio::test]
async fn se_13_what_a_handler_says_to_caches_stands_where_nothing_is_set() {
    everywhere(async |fixture| {
        let browser = fixture.browser(&app(fixture), ORIGIN);
        for path in ["/page", "/who", "/get/a"] {
            assert_as_said(&browser.get(path).await);
        }
        post(&browser, "/login/alice").await;
        // The handler says `public`, and the layer keeps that, even for a page with the identity.
        for path in ["/page", "/who", "/get/a", "/guarded"] {
            assert_as_said(&browser.get(path).await);
        }
        post(&browser, "/logout").await;
        for path in ["/page", "/who", "/get/a"] {
            assert_as_said(&browser.get(path).await);
        }
    })
    .await;
}
