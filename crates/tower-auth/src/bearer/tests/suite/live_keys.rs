//! Tests of keys that change while requests arrive.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::json;
use tower_auth_test::{EventLog, TestClock};

use super::forge::{self, b64, claims};
use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const WINDOW: Duration = Duration::from_secs(30);

/// A clock at the time of these tests, live keys that read it, and their layer.
struct Fixture {
    clock: TestClock,
    keys: LiveKeys,
    layer: BearerJwtLayer,
    log: EventLog,
}

fn fixture() -> Fixture {
    fixture_with(|builder| builder)
}

fn fixture_with(set: impl FnOnce(LiveKeysBuilder) -> LiveKeysBuilder) -> Fixture {
    let clock = TestClock::at(Timestamp::from_unix_seconds(NOW));
    let log = EventLog::new();
    let settings = Settings::new().clock(clock.clock()).events(log.events());
    let builder = LiveKeys::builder([Algorithm::HS256]).backend(BACKEND).settings(&settings);
    let keys = set(builder).build();
    let layer = BearerJwtLayer::builder(ISSUER, AUDIENCE)
        .settings(&settings)
        .live_keys(&keys)
        .build()
        .unwrap();
    Fixture { clock, keys, layer, log }
}

/// A secret that belongs to a name.
fn secret(kid: &str) -> [u8; 32] {
    let mut secret = [7; 32];
    secret[..kid.len()].copy_from_slice(kid.as_bytes());
    secret
}

fn set(kids: &[&str]) -> String {
    let keys = kids
        .iter()
        .map(|kid| json!({ "kty": "oct", "alg": "HS256", "kid": kid, "k": b64(secret(kid)) }));
    json!({ "keys": keys.collect::<Vec<_>>() }).to_string()
}

/// A token of the key with this name, valid for a day.
fn token(kid: &str) -> String {
    let claims = claims(json!({ "exp": NOW + 24 * 3600 }));
    let input = forge::input(&json!({ "alg": "HS256", "kid": kid }).to_string(), &claims);
    forge::join(&input, forge::hmac_with(aws_lc_rs::hmac::HMAC_SHA256, &secret(kid), &input))
}

async fn status(layer: &BearerJwtLayer, kid: &str) -> u16 {
    present(layer, &token(kid)).await.status().as_u16()
}

/// The answer to a request if it does not wait, and `None` if it waits.
fn now<F: Future<Output = u16>>(request: std::pin::Pin<&mut F>) -> Option<u16> {
    match request.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(status) => Some(status),
        Poll::Pending => None,
    }
}

#[tokio::test]
async fn jw_32_until_the_keys_arrive_a_token_gets_503_and_an_anonymous_request_passes() {
    let Fixture { keys, layer, .. } = fixture();
    assert_eq!(status(&layer, "a").await, 503);
    assert_eq!(send(&layer, &[]).await.body(), "anonymous");
    keys.replace(&set(&["a"])).unwrap();
    assert_eq!(status(&layer, "a").await, 200);
}

#[tokio::test]
async fn d31_a_withdrawn_key_verifies_nothing_from_then_on_remembered_or_not() {
    let Fixture { keys, layer, .. } = fixture();
    keys.replace(&set(&["a", "b"])).unwrap();
    assert_eq!(status(&layer, "a").await, 200);
    assert_eq!(status(&layer, "a").await, 200);
    keys.replace(&set(&["b", "c"])).unwrap();
    assert_eq!(status(&layer, "a").await, 401);
    assert_eq!(status(&layer, "b").await, 200);
    // The name comes back with another key.
    let other = set(&["b"]).replace("\"b\"", "\"a\"");
    keys.replace(&other).unwrap();
    assert_eq!(status(&layer, "a").await, 401);
    // The same key comes back.
    keys.replace(&set(&["a"])).unwrap();
    assert_eq!(status(&layer, "a").await, 200);
}

#[tokio::test]
async fn d31_keys_outlast_an_outage_up_to_the_bound_and_no_longer() {
    let Fixture { clock, keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    for _ in 0..12 {
        assert_eq!(status(&layer, "a").await, 200);
        clock.advance(HOUR - Duration::from_micros(1));
    }
    assert_eq!(status(&layer, "a").await, 200);
    assert!(keys.is_usable());
    clock.advance(Duration::from_micros(12));
    // Also for a token that was remembered: 503, since the token may be valid.
    assert_eq!(status(&layer, "a").await, 503);
    assert!(!keys.is_usable());
    assert_eq!(keys.age(), Some(12 * HOUR));
    keys.confirm();
    assert_eq!(status(&layer, "a").await, 200);
}

#[tokio::test]
async fn a_set_that_fixed_configuration_would_refuse_changes_nothing() {
    let Fixture { keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    let private = forge::ec().jwk("p").replacen('{', r#"{"d":"AA","#, 1);
    let public = forge::ec().jwk("p");
    let two = set(&["a", "b"]).replace("\"b\"", "\"a\"");
    for (refused, why) in [
        (String::new(), "is empty"),
        ("<html>".into(), "HTML"),
        (r#"{"keys":[]}"#.into(), "has no keys"),
        (format!(r#"{{"keys":[{public}]}}"#), "no key that can verify"),
        (format!(r#"{{"keys":[{private}]}}"#), "private key"),
        (set(&["a"]).replace("\"keys\":[", &format!("\"keys\":[{public},")), "beside public keys"),
        (two, "two different keys"),
    ] {
        let error = keys.replace(&refused).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert_eq!(status(&layer, "a").await, 200, "{why}");
    }
}

#[test]
fn one_bad_key_is_skipped_and_reported_once() {
    let Fixture { keys, log, .. } = fixture();
    let mixed = set(&["a", "bad"]).replace(&b64(secret("bad")), "AA");
    let replaced = keys.replace(&mixed).unwrap();
    assert_eq!((replaced.changed, replaced.skipped), (true, 1));
    let reports = log.take();
    assert!(reports.len() == 1 && reports[0].contains("bad"), "{reports:?}");
    let again = keys.replace(&mixed).unwrap();
    assert_eq!((again.changed, again.skipped, log.take().len()), (false, 1, 0));
}

#[tokio::test]
async fn jw_14_without_a_fetcher_an_unknown_key_is_refused_at_once() {
    let Fixture { keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    assert_eq!(status(&layer, "b").await, 401);
}

#[tokio::test]
async fn jw_14_an_unknown_key_waits_for_one_fetch_and_is_found_in_it() {
    let Fixture { clock, keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    let fetcher = keys.fetcher(clock.clone()).unwrap();
    assert!(keys.fetcher(clock.clone()).is_none());
    let (mut one, mut two) = (Box::pin(status(&layer, "b")), Box::pin(status(&layer, "c")));
    assert_eq!((now(one.as_mut()), now(two.as_mut())), (None, None));
    // A known key does not wait.
    assert_eq!(status(&layer, "a").await, 200);
    assert_eq!(fetcher.wanted().await, Wanted::Fetch);
    fetcher.begin().replace(&set(&["a", "b"])).unwrap();
    assert_eq!((one.await, two.await), (200, 401));
    // Both waited for the same fetch.
    let mut wanted = Box::pin(fetcher.wanted());
    let poll = wanted.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
}

/// A window shorter than the fetch: the wait is over with the fetch that the request caused.
#[tokio::test]
async fn jw_14_a_request_waits_for_one_fetch_whatever_the_window() {
    let Fixture { clock, keys, layer, .. } = fixture_with(|it| it.refetch_window(Duration::ZERO));
    keys.replace(&set(&["a"])).unwrap();
    let fetcher = keys.fetcher(clock.clone()).unwrap();
    let mut request = Box::pin(status(&layer, "b"));
    assert_eq!(now(request.as_mut()), None);
    let begun = fetcher.begin();
    clock.advance(Duration::from_secs(1));
    begun.unchanged();
    assert_eq!(request.await, 401);
}

/// Also for a single issuer, whose keys are missing or lack the key.
#[tokio::test]
async fn jw_14_a_token_of_another_issuer_causes_no_fetch() {
    let Fixture { clock, keys, layer, .. } = fixture();
    let _fetcher = keys.fetcher(clock).unwrap();
    let payload = claims(json!({ "iss": "https://other.example" }));
    let input = forge::input(r#"{"alg":"HS256","kid":"b"}"#, &payload);
    let token = forge::join(&input, [0; 32]);
    for _ in 0..2 {
        let mut request = Box::pin(async { present(&layer, &token).await.status().as_u16() });
        assert_eq!(now(request.as_mut()), Some(401));
        keys.replace(&set(&["a"])).unwrap();
    }
}

#[tokio::test]
async fn d32_a_fetch_that_was_due_anyway_answers_the_request_that_wants_one() {
    let Fixture { clock, keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    let fetcher = keys.fetcher(clock.clone()).unwrap();
    let mut request = Box::pin(status(&layer, "b"));
    assert_eq!(now(request.as_mut()), None);
    // The fetcher was not in `wanted` when the request asked.
    fetcher.begin().replace(&set(&["a", "b"])).unwrap();
    assert_eq!(request.await, 200);
    let mut wanted = Box::pin(fetcher.wanted());
    assert!(wanted.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[tokio::test]
async fn d32_within_the_window_no_second_fetch_and_after_it_the_rotated_key_is_found() {
    let Fixture { clock, keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    let fetcher = keys.fetcher(clock.clone()).unwrap();
    fetcher.begin().unchanged();
    for at in 0..1000 {
        let mut request = Box::pin(status(&layer, if at % 2 == 0 { "x" } else { "y" }));
        assert_eq!(now(request.as_mut()), Some(401));
    }
    clock.advance(WINDOW);
    let mut rotated = Box::pin(status(&layer, "x"));
    assert_eq!(now(rotated.as_mut()), None);
    assert_eq!(fetcher.wanted().await, Wanted::Fetch);
    fetcher.begin().replace(&set(&["a", "x"])).unwrap();
    assert_eq!(rotated.await, 200);
}

#[tokio::test]
async fn d32_a_clock_that_was_set_back_shuts_no_key_out() {
    let Fixture { clock, keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    let fetcher = keys.fetcher(clock.clone()).unwrap();
    fetcher.begin().unchanged();
    clock.set(Timestamp::from_unix_seconds(NOW - 20));
    let mut request = Box::pin(status(&layer, "b"));
    assert_eq!(now(request.as_mut()), None);
    fetcher.begin().replace(&set(&["a", "b"])).unwrap();
    assert_eq!(request.await, 200);
}

#[tokio::test]
async fn jw_14_a_failed_fetch_and_a_wait_that_is_over_are_503() {
    let Fixture { clock, keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    let fetcher = keys.fetcher(clock.clone()).unwrap();
    let mut waits = Box::pin(status(&layer, "b"));
    assert_eq!(now(waits.as_mut()), None);
    fetcher.begin().failed();
    assert_eq!(waits.await, 503);
    // Within the window after a failure.
    assert_eq!(status(&layer, "c").await, 503);
    assert_eq!(status(&layer, "a").await, 200);

    clock.advance(WINDOW);
    let mut waits = Box::pin(status(&layer, "b"));
    assert_eq!(now(waits.as_mut()), None);
    clock.advance(Duration::from_secs(5));
    assert_eq!(waits.await, 503);
    // The fetch is still in progress. Its drop fails it, and so does the fetcher's.
    let mut waits = Box::pin(status(&layer, "b"));
    assert_eq!(now(waits.as_mut()), None);
    drop(fetcher.begin());
    assert_eq!(waits.await, 503);
    clock.advance(WINDOW);
    let mut waits = Box::pin(status(&layer, "b"));
    assert_eq!(now(waits.as_mut()), None);
    drop(fetcher);
    assert_eq!(waits.await, 503);
    // Without its fetcher, the keys cannot show that a key is unknown.
    assert_eq!(status(&layer, "b").await, 503);
    assert!(keys.fetcher(clock).is_some());
}

#[tokio::test]
async fn jw_14_a_bounded_number_of_requests_waits() {
    let Fixture { clock, keys, layer, .. } = fixture_with(|it| it.max_waiting(2));
    keys.replace(&set(&["a"])).unwrap();
    let fetcher = keys.fetcher(clock).unwrap();
    let (mut one, mut two) = (Box::pin(status(&layer, "b")), Box::pin(status(&layer, "c")));
    assert_eq!((now(one.as_mut()), now(two.as_mut())), (None, None));
    assert_eq!(status(&layer, "d").await, 503);
    // A client that goes away leaves its place.
    drop(one);
    let mut three = Box::pin(status(&layer, "d"));
    assert_eq!(now(three.as_mut()), None);
    fetcher.begin().replace(&set(&["c", "d"])).unwrap();
    assert_eq!((two.await, three.await), (200, 200));
}

#[tokio::test]
async fn the_fetcher_ends_with_the_last_holder_of_the_keys() {
    let Fixture { clock, keys, layer, .. } = fixture();
    let fetcher = keys.fetcher(clock).unwrap();
    let weak = keys.downgrade();
    drop(keys);
    assert!(weak.upgrade().is_some(), "the layer holds the keys");
    drop(layer);
    assert!(weak.upgrade().is_none());
    assert_eq!(fetcher.wanted().await, Wanted::Closed);
    assert_eq!(fetcher.wanted().await, Wanted::Closed);
    assert!(!fetcher.begin().replace(&set(&["a"])).unwrap().changed);
}

/// Requests on several threads while keys are swapped: a key that is in every set never misses.
#[test]
fn a_key_that_stays_is_accepted_during_every_swap() {
    let Fixture { keys, layer, .. } = fixture();
    keys.replace(&set(&["a"])).unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (layer, accepted) = (layer.clone(), accepted.clone());
            scope.spawn(move || {
                let mut request = Box::pin(async {
                    for _ in 0..500 {
                        assert_eq!(status(&layer, "a").await, 200);
                        accepted.fetch_add(1, Ordering::Relaxed);
                    }
                    200
                });
                assert_eq!(now(request.as_mut()), Some(200));
            });
        }
        for at in 0..200 {
            keys.replace(&set(&["a", &format!("k{at}")])).unwrap();
        }
    });
    assert_eq!(accepted.load(Ordering::Relaxed), 1000);
}

#[test]
fn live_keys_must_fit_the_issuers_configuration() {
    let keys = LiveKeys::new([Algorithm::HS256]);
    let both = shared().live_keys(&keys).build().unwrap_err();
    assert_eq!(both, BearerConfigError::MixedKeys);
    let other = bare().algorithms([Algorithm::ES256]).live_keys(&keys).build().unwrap_err();
    assert_eq!(other, BearerConfigError::LiveAlgorithms);
    let none = bare().live_keys(&LiveKeys::new([])).build().unwrap_err();
    assert_eq!(none, BearerConfigError::NoAlgorithms);
}
