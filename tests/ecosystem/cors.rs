//! The layers beside `CorsLayer`: outside of the guard, where it belongs, and inside.

use axum::Router;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    CONTENT_TYPE, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::{HeaderValue, Method, StatusCode};
use tower_auth::{CsrfLayer, Rejection, RequireLayer};
use tower_auth_core::rejection::CsrfFault;
use tower_http::cors::CorsLayer;

use crate::fixture::Fixture;
use crate::routes::{Seen, routes, send};

const SHOP: &str = "https://www.shop.example";
const EVIL: &str = "https://evil.example";

fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(HeaderValue::from_static(SHOP))
        .allow_credentials(true)
        .allow_methods([Method::POST, Method::PUT])
        .allow_headers([CONTENT_TYPE])
}

/// An API that serves only known callers: everything is behind a guard.
struct Shop {
    fixture: Fixture,
    cookie: String,
    outside: Router,
    inside: Router,
}

impl Shop {
    async fn new() -> Self {
        let fixture = Fixture::new();
        let cookie = fixture.log_in("alice").await;
        let csrf = CsrfLayer::builder(&fixture.keys).trusted_origin(SHOP).build().unwrap();
        let guard = (csrf, fixture.session(), fixture.bearer(), RequireLayer::new());
        let layered = |router: Router| {
            let (csrf, session, bearer, require) = guard.clone();
            router.layer(require).layer(bearer).layer(session).layer(csrf)
        };
        let outside = layered(routes()).layer(cors());
        let inside = layered(routes().layer(cors()));
        Self { fixture, cookie, outside, inside }
    }
}

/// Returns whether a browser lets a page of this origin read the response.
fn readable(seen: &Seen, origin: &str) -> bool {
    seen.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).is_some_and(|it| it == origin)
        && seen.headers.get(ACCESS_CONTROL_ALLOW_CREDENTIALS).is_some_and(|it| it == "true")
}

/// Returns the headers of a browser's preflight before a PUT, without any credential.
fn preflight(origin: &str) -> [(&str, &str); 4] {
    [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-mode", "cors"),
    ]
}

#[tokio::test]
async fn a_preflight_is_answered_outside_of_the_guard() {
    let shop = Shop::new().await;
    let asked = send(&shop.outside, Method::OPTIONS, "/count", &preflight(SHOP)).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(readable(&asked, SHOP));
    let methods = asked.headers[ACCESS_CONTROL_ALLOW_METHODS].to_str().unwrap();
    assert!(methods.contains("PUT"));
    // For another site the response names a different origin, so the browser sends nothing.
    let evil = send(&shop.outside, Method::OPTIONS, "/count", &preflight(EVIL)).await;
    assert!(!readable(&evil, EVIL));
    assert_eq!(shop.fixture.store.steps().load, 0);

    // The actual request follows.
    let lines = [("origin", SHOP), ("sec-fetch-site", "same-site"), ("cookie", &shop.cookie)];
    let put = send(&shop.outside, Method::PUT, "/count", &lines).await;
    assert_eq!(put.status, StatusCode::OK);
    assert!(readable(&put, SHOP));
    assert_eq!(shop.fixture.look(&shop.cookie).await, "alice 1");
}

#[tokio::test]
async fn a_page_can_read_why_it_was_refused() {
    let shop = Shop::new().await;
    let origin = ("origin", SHOP);
    let anonymous = send(&shop.outside, Method::GET, "/me", &[origin]).await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    assert!(readable(&anonymous, SHOP) && anonymous.headers.contains_key(WWW_AUTHENTICATE));
    let garbage = [origin, ("authorization", "Bearer x")];
    let garbage = send(&shop.outside, Method::GET, "/me", &garbage).await;
    assert_eq!(garbage.why, Some(Rejection::InvalidToken));
    assert!(readable(&garbage, SHOP));
    shop.fixture.store.down();
    let unknown =
        send(&shop.outside, Method::GET, "/me", &[origin, ("cookie", &shop.cookie)]).await;
    assert_eq!(unknown.why, Some(Rejection::Unavailable));
    assert!(readable(&unknown, SHOP) && unknown.headers.contains_key("retry-after"));
    shop.fixture.store.up();

    // A page of another site can neither read nor change anything.
    let lines = [("origin", EVIL), ("cookie", &*shop.cookie)];
    let forged = send(&shop.outside, Method::POST, "/count", &lines).await;
    assert_eq!(forged.why, Some(Rejection::Csrf(CsrfFault::ForeignOrigin)));
    assert!(!readable(&forged, EVIL) && !forged.headers.contains_key(SET_COOKIE));
    assert_eq!(shop.fixture.look(&shop.cookie).await, "alice 0");
}

#[tokio::test]
async fn inside_of_the_guard_it_is_useless_and_does_no_harm() {
    let shop = Shop::new().await;
    // A preflight has no credential, so the guard refuses it, and the browser sends nothing.
    let asked = send(&shop.inside, Method::OPTIONS, "/count", &preflight(SHOP)).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
    assert!(!readable(&asked, SHOP));
    // The page cannot read a refusal from a layer outside of `CorsLayer`.
    let anonymous = send(&shop.inside, Method::GET, "/me", &[("origin", SHOP)]).await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
    assert!(!readable(&anonymous, SHOP));
    // Authenticated requests still work, and forged ones are still refused.
    let lines = [("origin", SHOP), ("cookie", &*shop.cookie)];
    let put = send(&shop.inside, Method::PUT, "/count", &lines).await;
    assert_eq!(put.status, StatusCode::OK);
    assert!(readable(&put, SHOP));
    let lines = [("origin", EVIL), ("cookie", &*shop.cookie)];
    let forged = send(&shop.inside, Method::PUT, "/count", &lines).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(shop.fixture.look(&shop.cookie).await, "alice 1");
}
