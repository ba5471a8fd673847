//! The layers beside `CompressionLayer`, which wraps bodies and writes `Vary`.

use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, VARY};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use tower_auth::RequireLayer;
use tower_auth::refuse::Problem;
use tower_http::compression::CompressionLayer;
use tower_http::decompression::Decompression;

use crate::fixture::Fixture;
use crate::routes::{behind, routes, send};

const GZIP: (&str, &str) = ("accept-encoding", "gzip");

fn varies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(VARY).iter().map(|line| line.to_str().unwrap());
    let mut all: Vec<_> =
        lines.flat_map(|line| line.split(',')).map(|it| it.trim().to_ascii_lowercase()).collect();
    all.sort();
    all
}

#[tokio::test]
async fn the_body_is_compressed_and_the_headers_are_all_there() {
    let fixture = Fixture::new();
    let layer = CompressionLayer::new;
    for (place, app) in [
        ("outside", behind(&fixture, routes()).layer(layer())),
        ("inside", behind(&fixture, routes().layer(layer()))),
    ] {
        let page = send(&app, Method::GET, "/page", &[GZIP]).await;
        assert_eq!(page.status, StatusCode::OK, "{place}");
        assert_eq!(page.headers[CONTENT_ENCODING], "gzip");
        assert!(page.body.len() < 200 && page.body.starts_with(&[0x1f, 0x8b]), "{place}");
        let mut names: Vec<_> =
            page.cookies().iter().map(|it| it.split('=').next().unwrap().to_owned()).collect();
        names.sort();
        assert_eq!(names, ["__Host-session", "theme"], "{place}");
        assert_eq!(varies(&page.headers), ["accept-encoding", "accept-language", "cookie"]);
        assert_eq!(page.headers[CACHE_CONTROL], "no-store");
        assert_eq!(fixture.look(&page.session().unwrap()).await, "anonymous 1", "{place}");

        // The decompressed body equals the original.
        let request = Request::get("/page").body(Body::empty()).unwrap();
        let page = Decompression::new(app.clone()).oneshot(request).await.unwrap();
        let text = page.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(text, "all work and no play ".repeat(50));
    }
}

#[tokio::test]
async fn a_refusal_is_compressed_as_well() {
    let fixture = Fixture::new();
    let guard = RequireLayer::builder().refuse_with(Problem).build().unwrap();
    let app = behind(&fixture, routes().layer(guard)).layer(CompressionLayer::new());
    let plain = send(&app, Method::GET, "/me", &[]).await;
    let small = send(&app, Method::GET, "/me", &[GZIP]).await;
    assert_eq!(small.status, StatusCode::UNAUTHORIZED);
    assert_eq!(small.headers[CONTENT_ENCODING], "gzip");
    assert_eq!(small.why, plain.why);
    let challenges = |headers: &HeaderMap| {
        headers.get_all("www-authenticate").iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(challenges(&small.headers), challenges(&plain.headers));
    assert_eq!(challenges(&small.headers).len(), 2);
}
