use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::{Request, StatusCode};
use tower::ServiceExt as _;
use tower_auth_core::Rejection;

use super::{block_on, layer};
use crate::csrf::{CsrfHeadersLayer, CsrfToken, TokenError};

async fn form(token: CsrfToken) -> Result<String, TokenError> {
    token.issue()
}

#[test]
fn d22_the_extractor_gives_a_handle_and_500_without_the_layer() {
    let router = || Router::new().route("/", get(form));
    let request = || Request::new(Body::empty());
    let response = block_on(router().layer(layer(|it| it)).oneshot(request())).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers().contains_key("set-cookie"));

    // A layer without tokens does not provide the extractor's token.
    let without = router().layer(CsrfHeadersLayer::new());
    for router in [router(), without] {
        let response = block_on(router.oneshot(request())).unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let rejection = response.extensions().get::<Rejection>().unwrap();
        assert!(matches!(rejection, Rejection::Misconfigured(it) if it.layer == "CsrfToken"));
    }
}
