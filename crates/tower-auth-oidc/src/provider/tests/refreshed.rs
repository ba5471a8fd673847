//! Keys that change at the provider.

use std::time::Duration;

use http::StatusCode;

use super::{FLOOR, Fixture, token};
use crate::test_server::Answer;

#[tokio::test]
async fn d31_a_key_that_disappeared_is_dropped_at_the_next_refresh() {
    let fixture = Fixture::new("1").await;
    let (old, new) = (fixture.signer("old"), fixture.signer("new"));
    fixture.serve(&[&old, &new], &[("Cache-Control", "max-age=100")]);
    let provider = fixture.discover().await.expect("the provider works");
    // The layer remembers the tokens that it verified. They live longer than this test.
    let layer = fixture.layer(&provider);
    let (by_old, by_new) = (token(&old), token(&new));
    for token in [&by_old, &by_new, &by_old, &by_new] {
        assert_eq!(fixture.through(&layer, token).await, StatusCode::OK);
    }
    fixture.serve(&[&new], &[]);
    let next = provider.status().next_refresh.expect("it is planned").since(fixture.time.now());
    assert!(next >= Duration::from_secs(80) && next <= Duration::from_secs(88), "{next:?}");
    fixture.next_refresh(&provider).await;
    assert_eq!(fixture.through(&layer, &by_old).await, StatusCode::UNAUTHORIZED);
    assert_eq!(fixture.through(&layer, &by_new).await, StatusCode::OK);
}

#[tokio::test]
async fn keys_that_are_unchanged_stay_and_are_young_again() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    fixture.serve(&[&signer], &[("ETag", "\"k\""), ("Cache-Control", "no-cache")]);
    let provider = fixture.discover().await.expect("the provider works");
    let unchanged = b"HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=1000\r\n\r\n".to_vec();
    fixture.server.set("/keys", Answer::Bytes(unchanged));
    let next = provider.status().next_refresh.expect("it is planned").since(fixture.time.now());
    assert!(next >= FLOOR && next <= FLOOR.mul_f64(1.1), "{next:?}");
    fixture.next_refresh(&provider).await;
    let received = fixture.server.received();
    assert_eq!(received.last().expect("it arrived").header("if-none-match"), Some("\"k\""));
    let status = provider.status();
    assert_eq!(status.keys_age, Some(Duration::ZERO));
    assert_eq!(status.last_success, Some(fixture.time.now()));
    let next = status.next_refresh.expect("it is planned").since(fixture.time.now());
    assert!(next >= Duration::from_secs(800), "{next:?}");
    assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
}

/// The version belongs to the keys in use. After a failed fetch the whole set is needed again.
#[tokio::test]
async fn the_version_of_keys_that_were_refused_is_not_sent() {
    let fixture = Fixture::new("1").await;
    let provider = fixture.discover().await.expect("the provider works");
    fixture.serve_text("{}", &[("ETag", "\"bad\"")]);
    fixture.next_refresh(&provider).await;
    assert_eq!(provider.status().failures, 1);
    fixture.next_refresh(&provider).await;
    let received = fixture.server.received();
    assert_eq!(received.last().expect("it arrived").header("if-none-match"), None);
}

/// One bad key must not cost the others, and the operator learns its name.
#[tokio::test]
async fn d16_a_key_that_cannot_be_used_is_skipped_and_reported() {
    let fixture = Fixture::new("1").await;
    let signer = fixture.signer("1");
    let good = signer.jwks().strip_suffix("]}").expect("a JWK set").to_owned();
    fixture.serve_text(&format!(r#"{good},{{"kty":"RSA","kid":"broken","n":"AQAB"}}]}}"#), &[]);
    let provider = fixture.discover().await.expect("one key is usable");
    let events = fixture.events.take();
    let skipped = events.iter().find(|it| it.contains("bearer_keys_skipped"));
    assert!(skipped.expect("it is reported").contains("\"broken\""), "{events:?}");
    assert_eq!(fixture.present(&provider, &token(&signer)).await, StatusCode::OK);
}
