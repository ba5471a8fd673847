//! Clients that disconnect during a request.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::fixture::Fixture;

/// Polls up to `times` times, then drops the future.
fn polls<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..times {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return Some(output);
        }
    }
    None
}

#[tokio::test]
async fn rf_14_a_client_that_hangs_up_anywhere_and_comes_back_goes_on() {
    let mut finished = false;
    for times in 0..10 {
        let fixture = Fixture::new();
        let first = fixture.login().await;
        fixture.store.pending_once();
        finished = polls(times, fixture.refresh.refresh(first.as_str())).is_some();
        // Exchanged or not, a retry within the window gets the current token.
        let second = fixture.next(&first).await.unwrap();
        assert_eq!(fixture.next(&first).await.unwrap(), second);
        fixture.later();
        assert!(fixture.next(&second).await.is_ok(), "after {times} polls");
    }
    assert!(finished);
}

#[tokio::test]
async fn rf_02_a_thief_who_hangs_up_at_once_is_found_out_the_next_time() {
    for times in 0..10 {
        let fixture = Fixture::new();
        let first = fixture.login().await;
        let second = fixture.next(&first).await.unwrap();
        fixture.later();
        fixture.store.pending_once();
        polls(times, fixture.refresh.refresh(first.as_str()));
        assert!(fixture.next(&first).await.is_err());
        assert!(fixture.next(&second).await.is_err());
    }
}

#[tokio::test]
async fn rf_12_a_revocation_that_is_dropped_is_done_or_not_done() {
    for times in 0..10 {
        let fixture = Fixture::new();
        let first = fixture.login().await;
        fixture.store.pending_once();
        let revoked = polls(times, fixture.refresh.revoke(first.as_str())).is_some();
        let lives = fixture.next(&first).await.is_ok();
        assert!(!(revoked && lives));
        assert!(revoked || times < 9);
    }
}
