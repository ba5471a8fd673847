//! Conditional requests.

use std::time::Duration;

use tower_auth_test::TestClock;

use super::{configured, content, fetch, refused};
use crate::fetch::{Fetched, Freshness};
use crate::test_server::{Answer, TestServer};

#[tokio::test]
async fn the_version_of_a_content_is_sent_back() {
    let (server, _arrivals) = TestServer::start().await;
    let fetch = fetch(&TestClock::new());
    let url = server.url("/keys");
    let headers = [("ETag", "W/\"v1\""), ("Cache-Control", "public, max-age=300"), ("Age", "60")];
    server.set("/keys", Answer::with("200 OK", &headers, "{}"));
    let first = content(&fetch, &url).await.expect("it answers");
    let fresh =
        |seconds| Freshness { max_age: Some(Duration::from_secs(seconds)), ..Freshness::default() };
    assert_eq!(first.freshness, fresh(240));

    let unchanged = "HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=900\r\n\r\n";
    server.set("/keys", Answer::Bytes(unchanged.into()));
    let second = fetch.get(&configured(&url), first.etag.as_ref()).await.expect("it answers");
    assert!(matches!(second, Fetched::Unchanged(freshness) if freshness == fresh(900)));
    assert_eq!(server.received()[1].header("if-none-match"), Some("W/\"v1\""));
    // Without a version there is nothing that could be unchanged.
    refused(&fetch, &url).await;
}

#[tokio::test]
async fn a_version_that_must_not_be_stored_or_is_overlong_is_forgotten() {
    let (server, _arrivals) = TestServer::start().await;
    let fetch = fetch(&TestClock::new());
    let long = "x".repeat(2000);
    for headers in [
        [("ETag", "\"v1\""), ("Cache-Control", "no-store")],
        [("ETag", &*long), ("Cache-Control", "max-age=60")],
    ] {
        server.set("/keys", Answer::with("200 OK", &headers, "{}"));
        assert_eq!(content(&fetch, &server.url("/keys")).await.expect("it answers").etag, None);
    }
}
