//! Tests of tokens that were verified once.

use std::time::Duration;

use serde_json::json;
use tower_auth_test::TestClock;

use super::forge::{self, with};
use super::*;
use crate::bearer::remembered::Found;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds)
}

fn is_remembered(layer: &BearerJwtLayer, token: &str, seconds: u64) -> bool {
    let found = layer.remembered.find(token.as_bytes(), &layer.config.issuers, at(seconds));
    matches!(found, Found::Token(_))
}

#[tokio::test]
async fn a_token_is_verified_once_and_has_one_identity() {
    let layer = shared().build().unwrap();
    let token = with(json!({ "roles": ["admin"], "jti": "1" }));
    assert!(!is_remembered(&layer, &token, NOW));
    let first = identity(&layer, &token).await.unwrap();
    assert!(is_remembered(&layer, &token, NOW));
    let second = identity(&layer, &token).await.unwrap();
    assert!(first.same_principal(&second) && second.has_role("admin"));
    // The clones of a layer share the memory, and another layer has its own.
    assert!(is_remembered(&layer.clone(), &token, NOW));
    assert!(!is_remembered(&shared().build().unwrap(), &token, NOW));
}

#[tokio::test]
async fn d34_a_token_that_differs_in_one_bit_is_verified() {
    let layer = shared().build().unwrap();
    let token = with(json!({}));
    assert_accepted(&present(&layer, &token).await, "the token");
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut other = token.clone().into_bytes();
            other[at] ^= 1 << bit;
            let Ok(line) = HeaderValue::from_bytes(&[b"Bearer ", &other[..]].concat()) else {
                continue;
            };
            assert_ne!(send(&layer, &[line]).await.status(), 200, "byte {at}, bit {bit}");
        }
    }
    assert!(!is_remembered(&layer, &token[..token.len() - 1], NOW));
    assert!(!is_remembered(&layer, &format!("{token}A"), NOW));
}

#[tokio::test]
async fn d34_refused_tokens_are_not_remembered() {
    let layer = shared().build().unwrap();
    for token in [with(json!({ "exp": NOW - 60 })), with(json!({ "aud": "x" })), "a.b.c".into()] {
        assert_ne!(present(&layer, &token).await.status(), 200);
        assert!(!is_remembered(&layer, &token, NOW));
    }
}

#[tokio::test]
async fn jw_17_jw_18_a_remembered_token_keeps_its_times() {
    let clock = TestClock::at(at(NOW));
    let layer = shared().settings(&Settings::new().clock(clock.clock())).build().unwrap();
    let token = with(json!({ "nbf": NOW, "iat": NOW - 10, "exp": NOW + 300 }));
    let status = async || present(&layer, &token).await.status().as_u16();
    assert_eq!(status().await, 200);
    clock.set(Timestamp::from_unix_micros((NOW + 360) * 1_000_000 - 1));
    assert_eq!(status().await, 200);
    clock.advance(Duration::from_micros(1));
    assert_eq!(status().await, 401);
    // The clock is set back, before the leeway of `nbf`, and to it.
    clock.set(at(NOW - 61));
    assert_eq!(status().await, 401);
    clock.set(at(NOW - 60));
    assert_eq!(status().await, 200);
}

#[tokio::test]
async fn jw_18_iat_pins_a_remembered_token_too() {
    let clock = TestClock::at(at(NOW));
    let layer = shared().settings(&Settings::new().clock(clock.clock())).build().unwrap();
    let token = with(json!({ "nbf": NOW - 1000, "iat": NOW }));
    assert_eq!(present(&layer, &token).await.status(), 200);
    clock.set(at(NOW - 61));
    assert_eq!(present(&layer, &token).await.status(), 401);
}

#[tokio::test]
async fn nothing_is_remembered_if_the_memory_is_zero_or_too_small() {
    for bytes in [0, 1, 100] {
        let layer = shared().remember(bytes).build().unwrap();
        let token = with(json!({}));
        for _ in 0..3 {
            assert_accepted(&present(&layer, &token).await, "accepted");
            assert!(!is_remembered(&layer, &token, NOW));
        }
    }
}

/// Many different tokens stay within the bound, and each is still accepted.
#[tokio::test]
async fn the_memory_is_bounded_by_bytes() {
    const BYTES: usize = 64 * 1024;
    let layer = shared().remember(BYTES).build().unwrap();
    for at in 0..2000 {
        let token = with(json!({ "jti": at.to_string() }));
        assert_accepted(&present(&layer, &token).await, "accepted");
        assert!(layer.remembered.weight() <= BYTES as u64);
    }
    assert!(layer.remembered.weight() > BYTES as u64 / 2);
}

#[tokio::test]
async fn typed_claims_are_read_once_and_shared() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static READ: AtomicUsize = AtomicUsize::new(0);
    #[derive(serde::Deserialize)]
    struct Counted {
        #[serde(deserialize_with = "counting")]
        sub: String,
    }
    fn counting<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        READ.fetch_add(1, Ordering::Relaxed);
        serde::Deserialize::deserialize(deserializer)
    }
    let before = READ.load(Ordering::Relaxed);
    let layer = shared().claims::<Counted>().build().unwrap();
    let service = layer.layer(service_fn(async |request: Request<()>| {
        let claims = request.extensions().get::<Claims<Counted>>().expect("claims");
        Ok::<_, Infallible>(Response::new(claims.sub.clone()))
    }));
    let line = HeaderValue::try_from(format!("Bearer {}", forge::with(json!({})))).unwrap();
    for _ in 0..5 {
        let mut request = Request::new(());
        request.headers_mut().insert(AUTHORIZATION, line.clone());
        assert_eq!(service.clone().oneshot(request).await.unwrap().body(), "alice");
    }
    // Both backends run this test, perhaps at once, so each adds one.
    assert!((1..=2).contains(&(READ.load(Ordering::Relaxed) - before)));
}
