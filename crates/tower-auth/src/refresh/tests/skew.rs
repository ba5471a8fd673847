//! Nodes whose clocks differ, and clocks that jump.

use std::time::Duration;

use tower_auth_test::TestClock;

use super::fixture::{Fixture, REACH, alice, text};
use crate::refresh::{Refresh, RefreshError, RefreshRefusal};

const WINDOW: Duration = Duration::from_secs(10);
const SKEW: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_micros(1);

/// Two nodes on one store. The second node's clock is ahead.
struct Nodes {
    slow: (Refresh, TestClock),
    fast: (Refresh, TestClock),
}

impl Nodes {
    fn new(fixture: &Fixture, ahead: Duration) -> Self {
        let fast = TestClock::new();
        fast.advance(ahead);
        Self {
            slow: (fixture.refresh.clone(), fixture.time.clone()),
            fast: (fixture.node(&fast), fast),
        }
    }

    fn advance(&self, duration: Duration) {
        self.slow.1.advance(duration);
        self.fast.1.advance(duration);
    }
}

async fn exchange(node: &Refresh, token: &str) -> Result<String, RefreshRefusal> {
    match node.refresh(token).await {
        Ok(tokens) => Ok(text(&tokens)),
        Err(RefreshError::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn rf_04_a_skew_of_five_seconds_logs_no_one_out_whichever_node_rotates() {
    for skew in [Duration::ZERO, SKEW / 2, SKEW] {
        for fast_rotates in [false, true] {
            for elapsed in [Duration::ZERO, SKEW, WINDOW - TICK] {
                let fixture = Fixture::new();
                let nodes = Nodes::new(&fixture, skew);
                let (winner, loser) = match fast_rotates {
                    true => (&nodes.fast.0, &nodes.slow.0),
                    false => (&nodes.slow.0, &nodes.fast.0),
                };
                let first = fixture.login().await;
                let second = exchange(winner, &first).await.unwrap();
                nodes.advance(elapsed);
                // The other tab continues with its token, and does not rotate again within the
                // window.
                assert_eq!(exchange(loser, &second).await.as_ref(), Ok(&second));
                let lost = exchange(loser, &first).await;
                assert_eq!(lost.as_ref(), Ok(&second), "{skew:?}, {fast_rotates}, {elapsed:?}");
            }
        }
    }
}

#[tokio::test]
async fn rf_02_a_copy_is_found_out_on_each_node_soon_after_the_window() {
    // The longest time for which two clocks within the bound can keep the window open.
    let longest = WINDOW + 2 * SKEW;
    for fast_rotates in [false, true] {
        let fixture = Fixture::new();
        let nodes = Nodes::new(&fixture, SKEW);
        let (winner, other) = match fast_rotates {
            true => (&nodes.fast.0, &nodes.slow.0),
            false => (&nodes.slow.0, &nodes.fast.0),
        };
        let first = fixture.login().await;
        let second = exchange(winner, &first).await.unwrap();
        nodes.advance(longest);
        assert_eq!(exchange(other, &first).await, Err(RefreshRefusal::Reused));
        assert_eq!(exchange(other, &second).await, Err(RefreshRefusal::Ended));
    }
}

#[tokio::test]
async fn rf_02_a_node_that_is_far_ahead_hides_no_reuse() {
    let fixture = Fixture::new();
    let nodes = Nodes::new(&fixture, Duration::from_secs(90));
    let first = fixture.login().await;
    let second = exchange(&nodes.fast.0, &first).await.unwrap();
    nodes.advance(Duration::from_secs(20));
    assert_eq!(exchange(&nodes.slow.0, &first).await, Err(RefreshRefusal::Reused));
    assert_eq!(exchange(&nodes.slow.0, &second).await, Err(RefreshRefusal::Ended));
}

#[tokio::test]
async fn rf_04_who_holds_the_current_token_goes_on_whatever_a_clock_does() {
    for ahead in [Duration::from_secs(90), Duration::from_secs(60 * 60)] {
        let fixture = Fixture::new();
        let nodes = Nodes::new(&fixture, ahead);
        let mut token = fixture.login().await;
        for _ in 0..3 {
            for node in [&nodes.fast.0, &nodes.slow.0] {
                token = exchange(node, &token).await.unwrap();
                nodes.advance(REACH);
            }
        }
    }
}

#[tokio::test]
async fn rf_02_a_clock_that_was_set_back_an_hour_hides_no_reuse() {
    let fixture = Fixture::new();
    fixture.time.advance(Duration::from_secs(60 * 60));
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    fixture.time.set(TestClock::START);
    fixture.time.advance(Duration::from_secs(30 * 60));
    assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Reused));
    assert_eq!(fixture.refusal(&second).await, Some(RefreshRefusal::Ended));
}

#[tokio::test]
async fn rf_04_a_clock_that_was_set_back_within_the_bound_ends_nothing() {
    for (back, refusal) in [(REACH, None), (REACH + TICK, Some(RefreshRefusal::Reused))] {
        let fixture = Fixture::new();
        fixture.time.advance(back);
        let begun = fixture.refresh.begin(&alice(), None).await.unwrap();
        let first = text(&begun);
        fixture.next(&first).await.unwrap();
        fixture.time.set(TestClock::START);
        assert_eq!(fixture.refusal(&first).await, refusal);
    }
}

#[tokio::test]
async fn rf_04_strict_has_no_window_on_any_clock() {
    for (forth, back) in [(0, 0), (3, 0), (0, 3)] {
        let fixture = Fixture::with(|builder| builder.strict());
        let first = fixture.login().await;
        fixture.time.advance(Duration::from_secs(back));
        fixture.next(&first).await.unwrap();
        fixture.time.set(TestClock::START);
        fixture.time.advance(Duration::from_secs(forth));
        assert_eq!(fixture.refusal(&first).await, Some(RefreshRefusal::Reused));
    }
}
