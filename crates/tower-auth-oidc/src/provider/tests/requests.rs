//! Tokens with keys that are not known yet.

use std::time::Duration;

use http::StatusCode;

use super::{Fixture, token};
use crate::test_server::Answer;

#[tokio::test]
async fn jw_14_an_unknown_key_is_fetched_while_the_request_waits() {
    let fixture = Fixture::new("1").await;
    let new = fixture.signer("new");
    let provider = fixture.discover().await.expect("the provider works");
    fixture.serve(&[&new], &[]);
    // The start was a fetch, too.
    fixture.time.advance(Duration::from_secs(31));
    assert_eq!(fixture.present(&provider, &token(&new)).await, StatusCode::OK);
    assert_eq!(fixture.fetches(), 2);
    fixture.keys_fetched().await;
}

#[tokio::test]
async fn d11_d32_many_unknown_keys_cause_one_fetch_per_window() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let provider = fixture.discover().await.expect("the provider works");
    let layer = fixture.layer(&provider);
    for window in 1..4 {
        fixture.time.advance(Duration::from_secs(31));
        for number in 0..10 {
            let unknown = fixture.signer(&format!("{window}-{number}"));
            let answered = fixture.through(&layer, &token(&unknown)).await;
            assert_eq!(answered, StatusCode::UNAUTHORIZED);
            assert_eq!(fixture.through(&layer, &token(&signer)).await, StatusCode::OK);
        }
        assert_eq!(fixture.fetches(), 1 + window);
    }
    // A key that appears later is found: nothing is remembered of its name.
    let late = fixture.signer("3-1");
    fixture.serve(&[&signer, &late], &[]);
    fixture.time.advance(Duration::from_secs(31));
    assert_eq!(fixture.through(&layer, &token(&late)).await, StatusCode::OK);
}

#[tokio::test]
async fn jw_32_requests_with_unknown_keys_share_one_fetch() {
    let fixture = Fixture::new("1").await;
    let provider = fixture.discover().await.expect("the provider works");
    fixture.keys_fetched().await;
    fixture.time.advance(Duration::from_secs(31));
    fixture.server.set("/keys", Answer::Hang(Vec::new()));
    let layer = fixture.layer(&provider);
    let unknown: Vec<_> =
        (0..20).map(|it| token(&fixture.signer(&format!("unknown-{it}")))).collect();
    let waiting = unknown.iter().map(|token| fixture.through(&layer, token));
    let mut waiting: Vec<_> = waiting.map(Box::pin).collect();
    for request in &mut waiting {
        let polled = std::future::poll_fn(|task| {
            std::task::Poll::Ready(request.as_mut().poll(task).is_ready())
        });
        assert!(!polled.await, "the request waits");
    }
    fixture.keys_fetched().await;
    // The provider never answers, so the fetch fails, or the wait is over.
    fixture.time.advance(Duration::from_secs(5));
    for request in waiting {
        assert_eq!(request.await, StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(fixture.fetches(), 2);
}
