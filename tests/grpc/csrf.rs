//! Clients that are not browsers pass; pages of other sites do not.

use std::net::SocketAddr;

use tower::ServiceBuilder;
use tower_auth::CsrfLayer;

use crate::fixture::{Fixture, client, log_in, request, text};
use crate::raw::{Answer, Connection, call};

/// Sends a call as a browser does for a page of another site.
async fn from_elsewhere(address: SocketAddr, path: &str) -> Answer {
    let connection = Connection::to(address).await;
    let mut head = call(address, "Unary")
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .body(())
        .unwrap();
    *head.uri_mut() = format!("http://{address}{path}").parse().unwrap();
    connection.call(head, "hello").await
}

#[tokio::test]
async fn a_client_that_is_no_browser_passes_with_and_without_a_cookie() {
    let fixture = Fixture::new();
    let address = fixture.public().await;
    let mut client = client(address).await;
    assert_eq!(client.unary(text("hello")).await.unwrap().get_ref().text, "hello");
    // A page cannot send `application/grpc` to another site without a preflight. So a cookie
    // without `Origin` is no sign of forgery here.
    let cookie = log_in(address, "alice").await;
    let answer = client.unary(request(text("who"), &[("cookie", cookie)])).await.unwrap();
    assert_eq!(answer.get_ref().text, "alice via session");
}

#[tokio::test]
async fn gr_10_only_the_very_path_is_exempt() {
    let fixture = Fixture::new();
    let csrf = CsrfLayer::builder(&fixture.keys).exempt("/test.v1.Echo/Unary").build().unwrap();
    let address = fixture.serve(ServiceBuilder::new().layer(csrf)).await;
    let answer = from_elsewhere(address, "/test.v1.Echo/Unary").await;
    assert_eq!((answer.header("grpc-status"), answer.texts()), (None, vec!["hello".into()]));
    for path in [
        "/test.v1.Echo/unary",
        "/test.v1.echo/Unary",
        "/Test.v1.Echo/Unary",
        "/test.v1.Echo/Unary/",
        "/test.v1.Echo/UnaryToo",
        "/test.v1.Echo/Unar",
        "/test.v1.Echo/%55nary",
        "//test.v1.Echo/Unary",
        "/test.v1.Echo/./Unary",
        "/x/test.v1.Echo/Unary",
        "/test.v1.Echo/Repeat",
        "/test.v1.Echo",
        "/",
    ] {
        let answer = from_elsewhere(address, path).await;
        assert_eq!(answer.header("grpc-status"), Some("7"), "{path}");
        assert!(answer.data.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn gr_10_the_query_is_no_part_of_the_path() {
    let fixture = Fixture::new();
    let csrf = CsrfLayer::builder(&fixture.keys).exempt("/test.v1.Echo/Unary").build().unwrap();
    let address = fixture.serve(ServiceBuilder::new().layer(csrf)).await;
    let inside = from_elsewhere(address, "/test.v1.Echo/Repeat?/test.v1.Echo/Unary").await;
    assert_eq!(inside.header("grpc-status"), Some("7"));
    let beside = from_elsewhere(address, "/test.v1.Echo/Unary?x=1").await;
    assert_eq!(beside.texts(), ["hello"]);
}
