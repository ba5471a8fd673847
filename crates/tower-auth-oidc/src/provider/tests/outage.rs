//! A provider that is down, slow or says something wrong.

use std::time::Duration;

use http::StatusCode;

use super::{DOCUMENT, FLOOR, Fixture, token};
use crate::error::ProviderErrorKind;
use crate::test_server::Answer;

/// An hour without an answer: no known key is refused, and past the bound the answer is 503.
#[tokio::test]
async fn d31_keys_outlast_an_outage_up_to_the_bound_and_no_longer() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let bound = Duration::from_secs(2 * 3600);
    let provider = fixture.discover().stale_for(bound).await.expect("the provider works");
    let begun = fixture.time.now();
    fixture.server.set(DOCUMENT, Answer::status("503 Service Unavailable"));
    fixture.server.set("/keys", Answer::status("503 Service Unavailable"));
    let layer = fixture.layer(&provider);
    while fixture.time.now().since(begun) < Duration::from_secs(3600) {
        fixture.next_refresh(&provider).await;
        assert_eq!(fixture.through(&layer, &token(&signer)).await, StatusCode::OK);
    }
    let status = provider.status();
    assert!(status.is_usable && status.failures > 10);
    assert_eq!(status.last_error.expect("it failed").kind(), ProviderErrorKind::Answer);
    assert_eq!(status.last_success, Some(begun));
    assert!(fixture.fetches() < 150, "{}", fixture.fetches());

    while fixture.time.now().since(begun) < bound {
        fixture.next_refresh(&provider).await;
    }
    let answered = fixture.through(&layer, &token(&signer)).await;
    assert_eq!(answered, StatusCode::SERVICE_UNAVAILABLE, "not 401");
    assert!(!provider.status().is_usable);

    // It returns, and within one floor all is well.
    fixture.serve(&[&signer], &[]);
    let returned = fixture.time.now();
    fixture.next_refresh(&provider).await;
    assert!(fixture.time.now().since(returned) <= FLOOR);
    assert_eq!(fixture.through(&layer, &token(&signer)).await, StatusCode::OK);
    assert_eq!(provider.status().failures, 0);
}

/// A provider that accepts connections and never answers does not affect known keys.
#[tokio::test]
async fn d10_jw_32_a_provider_that_never_answers_delays_no_known_key() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let provider = fixture.discover().await.expect("the provider works");
    fixture.keys_fetched().await;
    fixture.server.set("/keys", Answer::Hang(Vec::new()));
    let next = provider.status().next_refresh.expect("it is planned");
    fixture.time.advance(next.since(fixture.time.now()) + Duration::from_micros(1));
    fixture.keys_fetched().await;
    assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
    assert_eq!(provider.status().next_refresh, None, "the fetch is in progress");
    fixture.time.advance(Duration::from_secs(5));
    fixture.settled(&provider).await;
    let error = provider.status().last_error.expect("it failed");
    assert_eq!(error.kind(), ProviderErrorKind::TimedOut);
    let events = fixture.events.take();
    assert!(
        events.iter().any(|it| it.starts_with("WARN provider_failed Provider reason=timed_out"))
    );
}

#[tokio::test]
async fn wrong_answers_change_nothing() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[]);
    let provider = fixture.discover().await.expect("the provider works");
    for keys in [
        Answer::ok("{}"),
        Answer::ok(r#"{"keys": []}"#),
        Answer::ok("<html>"),
        Answer::ok(vec![b' '; 300_000]),
        Answer::with("302 Found", &[("Location", "https://evil.example/")], ""),
        Answer::Bytes(Vec::new()),
        Answer::Bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
    ] {
        fixture.server.set("/keys", keys.clone());
        let failures = provider.status().failures;
        fixture.next_refresh(&provider).await;
        assert_eq!(provider.status().failures, failures + 1, "{keys:?}");
        assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
    }
}
