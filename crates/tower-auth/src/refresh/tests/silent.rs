//! A store that never answers.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tower_auth_core::Principal;

use super::world::{World, alice};
use crate::refresh::RefreshError;

const LIMIT: Duration = Duration::from_secs(5);

/// Asserts that the future fails with `Unavailable` at the limit, and not before.
async fn is_given_up<T>(
    world: &World,
    limit: Duration,
    future: impl Future<Output = Result<T, RefreshError>>,
) {
    let mut future = pin!(future);
    let answer = poll_fn(|task| {
        assert!(future.as_mut().poll(task).is_pending());
        world.time.advance(limit);
        match future.as_mut().poll(task) {
            Poll::Ready(answer) => Poll::Ready(answer),
            Poll::Pending => panic!("it hangs"),
        }
    });
    assert!(matches!(answer.await, Err(RefreshError::Unavailable)));
}

#[tokio::test]
async fn rf_14_a_store_that_never_answers_consumes_no_token() {
    let world = World::with_timer();
    let token = world.login().await;
    world.store.silent();
    is_given_up(&world, LIMIT, world.refresh.begin(&alice(), None)).await;
    is_given_up(&world, LIMIT, world.refresh.refresh(&*token)).await;
    is_given_up(&world, LIMIT, world.refresh.revoke(&*token)).await;
    let revocations = world.refresh.revocations().unwrap();
    let minute = Duration::from_secs(60);
    is_given_up(&world, minute, revocations.revoke_all(&Principal::local("alice"))).await;
    world.store.up();
    assert!(world.next(&token).await.is_ok());
}

/// The exchange succeeds, but the response is lost. Within the window, the same successor is
/// returned.
#[tokio::test]
async fn rf_14_an_exchange_that_was_done_and_never_answered_is_answered_again() {
    let world = World::with_timer();
    let token = world.login().await;
    let mut exchange = pin!(world.refresh.refresh(&*token));
    let first = poll_fn(|task| {
        // The store answers the load but not the save.
        world.store.pending_once();
        assert!(exchange.as_mut().poll(task).is_pending());
        assert!(exchange.as_mut().poll(task).is_pending());
        world.store.silent_once_done();
        assert!(exchange.as_mut().poll(task).is_pending());
        world.time.advance(LIMIT);
        exchange.as_mut().poll(task)
    });
    assert!(matches!(first.await, Err(RefreshError::Unavailable)));
    world.store.up();
    let (again, once_more) = (world.next(&token).await.unwrap(), world.next(&token).await.unwrap());
    assert_eq!(again, once_more);
    assert!(world.next(&again).await.is_ok());
}

#[tokio::test]
async fn an_engine_without_a_timer_waits() {
    let world = World::new();
    let token = world.login().await;
    world.store.silent();
    let mut exchange = pin!(world.refresh.refresh(&*token));
    poll_fn(|task| {
        assert!(exchange.as_mut().poll(task).is_pending());
        world.time.advance(Duration::from_secs(3600));
        assert!(exchange.as_mut().poll(task).is_pending());
        Poll::Ready(())
    })
    .await;
}
