//! A store that never answers.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tower_auth_core::Principal;

use super::fixture::{Fixture, alice};
use crate::refresh::RefreshError;

const LIMIT: Duration = Duration::from_secs(5);

/// Asserts that the future fails with `Unavailable` at the limit, and not before.
async fn is_given_up<T>(
    fixture: &Fixture,
    limit: Duration,
    future: impl Future<Output = Result<T, RefreshError>>,
) {
    let mut future = pin!(future);
    let answer = poll_fn(|task| {
        assert!(future.as_mut().poll(task).is_pending());
        fixture.time.advance(limit);
        match future.as_mut().poll(task) {
            Poll::Ready(answer) => Poll::Ready(answer),
            Poll::Pending => panic!("it hangs"),
        }
    });
    assert!(matches!(answer.await, Err(RefreshError::Unavailable)));
}

#[tokio::test]
async fn rf_14_a_store_that_never_answers_consumes_no_token() {
    let fixture = Fixture::with_timer();
    let token = fixture.login().await;
    fixture.store.silent();
    is_given_up(&fixture, LIMIT, fixture.refresh.begin(&alice(), None)).await;
    is_given_up(&fixture, LIMIT, fixture.refresh.refresh(&*token)).await;
    is_given_up(&fixture, LIMIT, fixture.refresh.revoke(&*token)).await;
    let revocations = fixture.refresh.revocations().unwrap();
    let minute = Duration::from_secs(60);
    is_given_up(&fixture, minute, revocations.revoke_all(&Principal::local("alice"))).await;
    fixture.store.up();
    assert!(fixture.next(&token).await.is_ok());
}

/// The exchange succeeds, but the response is lost. Within the window, the same successor is
/// returned.
#[tokio::test]
async fn rf_14_an_exchange_that_was_done_and_never_answered_is_answered_again() {
    let fixture = Fixture::with_timer();
    let token = fixture.login().await;
    let mut exchange = pin!(fixture.refresh.refresh(&*token));
    let first = poll_fn(|task| {
        // The store answers the load but not the save.
        fixture.store.pending_once();
        assert!(exchange.as_mut().poll(task).is_pending());
        assert!(exchange.as_mut().poll(task).is_pending());
        fixture.store.silent_once_done();
        assert!(exchange.as_mut().poll(task).is_pending());
        fixture.time.advance(LIMIT);
        exchange.as_mut().poll(task)
    });
    assert!(matches!(first.await, Err(RefreshError::Unavailable)));
    fixture.store.up();
    let (again, once_more) =
        (fixture.next(&token).await.unwrap(), fixture.next(&token).await.unwrap());
    assert_eq!(again, once_more);
    assert!(fixture.next(&again).await.is_ok());
}

#[tokio::test]
async fn an_engine_without_a_timer_waits() {
    let fixture = Fixture::new();
    let token = fixture.login().await;
    fixture.store.silent();
    let mut exchange = pin!(fixture.refresh.refresh(&*token));
    poll_fn(|task| {
        assert!(exchange.as_mut().poll(task).is_pending());
        fixture.time.advance(Duration::from_secs(3600));
        assert!(exchange.as_mut().poll(task).is_pending());
        Poll::Ready(())
    })
    .await;
}
