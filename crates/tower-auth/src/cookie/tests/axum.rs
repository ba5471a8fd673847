use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, StatusCode};
use tower::ServiceExt;
use tower_auth_core::Rejection;

use super::{CookieLayer, block_on, lines};
use crate::cookie::Cookies;

async fn count(cookies: Cookies) -> String {
    cookies.set(("seen", "1")).unwrap();
    cookies.iter().count().to_string()
}

fn request() -> Request<Body> {
    Request::builder().header("cookie", "a=1; b=2").body(Body::empty()).unwrap()
}

#[test]
fn cookies_are_extracted() {
    let router = Router::new().route("/", get(count)).layer(CookieLayer::new());
    let response = block_on(router.oneshot(request())).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(lines(response.headers())[0].starts_with("seen=1;"));
}

#[test]
fn d22_without_the_layer_the_answer_is_500() {
    let router = Router::new().route("/", get(count));
    let response = block_on(router.oneshot(request())).unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert!(
        matches!(rejection, Rejection::Misconfigured(misconfigured) if misconfigured.layer == "Cookies")
    );
}
