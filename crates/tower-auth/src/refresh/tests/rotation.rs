//! The validity of tokens over time.

use std::time::Duration;

use super::fixture::{Fixture, REACH};
use crate::refresh::RefreshRefusal;
use crate::refresh::decide::{Reuse, Verdict, decide};

#[tokio::test]
async fn rf_01_each_exchange_gives_another_token_and_costs_one_load_and_one_save() {
    let fixture = Fixture::new();
    let mut token = fixture.login().await;
    let mut seen = vec![token.clone()];
    for _ in 0..5 {
        fixture.steps();
        token = fixture.next(&token).await.unwrap();
        let steps = fixture.steps();
        assert_eq!((steps.load, steps.save, steps.total()), (1, 1, 2));
        assert!(!seen.contains(&token));
        seen.push(token.clone());
        fixture.later();
    }
}

#[tokio::test]
async fn rf_02_a_used_token_ends_all_tokens_of_its_login_and_no_other_login() {
    let fixture = Fixture::new();
    let (first, other) = (fixture.login().await, fixture.login().await);
    let second = fixture.next(&first).await.unwrap();
    fixture.later();
    let third = fixture.next(&second).await.unwrap();
    fixture.later();
    assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Reused));
    for token in [&first, &second, &third] {
        assert_eq!(fixture.refusal(token).await, Some(RefreshRefusal::Ended));
    }
    assert_eq!(fixture.refusal(&other).await, None);
}

#[tokio::test]
async fn rf_02_the_last_used_token_too_once_the_window_has_passed() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    // The end of the window itself is outside.
    fixture.time.advance(REACH);
    assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Reused));
    assert_eq!(fixture.refusal(&second).await, Some(RefreshRefusal::Ended));
}

#[tokio::test]
async fn rf_04_within_the_window_the_same_successor_as_often_as_asked_without_a_write() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    fixture.time.advance(REACH - Duration::from_micros(1));
    fixture.steps();
    for _ in 0..3 {
        assert_eq!(fixture.next(&first).await.unwrap(), second);
        assert_eq!(fixture.next(&second).await.unwrap(), second);
    }
    let steps = fixture.steps();
    assert_eq!((steps.load, steps.total()), (6, 6));
}

#[tokio::test]
async fn rf_04_what_is_asked_again_does_not_prolong_the_window() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    fixture.next(&first).await.unwrap();
    for _ in 0..2 {
        fixture.time.advance(REACH * 2 / 5);
        assert_eq!(fixture.refusal(&first).await, None);
    }
    fixture.time.advance(REACH * 2 / 5);
    assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Reused));
}

#[tokio::test]
async fn rf_04_the_predecessors_predecessor_is_theft_within_the_window() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    fixture.later();
    let third = fixture.next(&second).await.unwrap();
    assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Reused));
    assert_eq!(fixture.refusal(&third).await, Some(RefreshRefusal::Ended));
}

#[tokio::test]
async fn rf_04_the_first_token_has_no_predecessor_and_is_exchanged_at_once() {
    let fixture = Fixture::new();
    let first = fixture.login().await;
    assert_ne!(fixture.next(&first).await.unwrap(), first);
}

#[tokio::test]
async fn rf_04_strict_knows_no_window() {
    let fixture = Fixture::with(|builder| builder.strict());
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    // A fresh token is exchanged, not returned again.
    let third = fixture.next(&second).await.unwrap();
    assert_ne!(third, second);
    assert_eq!(fixture.refusal(&second).await, Some(RefreshRefusal::Reused));
    assert_eq!(fixture.refusal(&third).await, Some(RefreshRefusal::Ended));
}

#[test]
fn rf_04_every_generation_has_its_verdict() {
    let (young, old) = (true, false);
    let table = [
        // presented, current, whether the current one is recent, verdict
        (0, 0, young, Verdict::Rotate),
        (0, 0, old, Verdict::Rotate),
        (1, 1, young, Verdict::Current),
        (1, 1, old, Verdict::Rotate),
        (0, 1, young, Verdict::Successor),
        (0, 1, old, Verdict::Reuse(Reuse::Recent)),
        (0, 2, young, Verdict::Reuse(Reuse::Stale)),
        (0, 2, old, Verdict::Reuse(Reuse::Stale)),
        (2, 1, young, Verdict::Reuse(Reuse::Orphaned)),
        (1, 0, young, Verdict::Reuse(Reuse::Orphaned)),
        (u64::MAX - 1, u64::MAX, old, Verdict::Reuse(Reuse::Recent)),
        (u64::MAX, 0, young, Verdict::Reuse(Reuse::Orphaned)),
    ];
    for (presented, current, is_recent, verdict) in table {
        assert_eq!(decide(presented, current, is_recent), verdict, "{presented} of {current}");
    }
}
