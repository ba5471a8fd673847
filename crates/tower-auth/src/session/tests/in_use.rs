//! The arrival of a request is a use of its session, however long the request takes.

use crate::Settings;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::StatusCode;
use tower_auth_core::store::{EndReason, Key, RecordKind, Store as _};

use super::fixture::{Fixture, request, send, who};
use crate::session::{Session, SessionError};

const MINUTE: Duration = Duration::from_secs(60);

/// A fixture whose layer has a timer.
fn timed() -> Fixture {
    let fixture = Fixture::new();
    let builder = crate::SessionLayer::builder(fixture.store.clone(), &fixture.keys);
    let layer = builder
        .settings(&Settings::new().clock(fixture.time.clock()).timer(fixture.time.clone()))
        .build()
        .unwrap();
    Fixture { layer, ..fixture }
}

/// Polls a request once a minute, until it completes.
async fn minute_by_minute<T>(fixture: &Fixture, request: impl Future<Output = T>) -> T {
    let (mut request, mut task) = (pin!(request), Context::from_waker(Waker::noop()));
    loop {
        if let Poll::Ready(done) = request.as_mut().poll(&mut task) {
            return done;
        }
        fixture.time.advance(MINUTE);
        tokio::task::yield_now().await;
    }
}

/// A handler that takes `minutes` minutes.
async fn slow(fixture: &Fixture, minutes: u64) {
    let until = fixture.time.now() + minutes as u32 * MINUTE;
    while fixture.time.now() < until {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn se_05_a_request_that_arrives_in_time_keeps_the_session() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(29 * MINUTE);
    let time = &fixture.time;
    // The request does not even yield: the store was touched before the handler ran.
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            let expires = session.expires_at().unwrap();
            assert_eq!(expires, time.now() + 30 * MINUTE);
            assert_eq!(session.identity()?.unwrap().expires_at(), Some(expires));
            time.advance(2 * MINUTE);
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(fixture.store.steps().touch, 1);
    fixture.time.advance(28 * MINUTE - Duration::from_micros(1));
    assert_eq!(fixture.who(&cookie).await, "alice");
}

#[tokio::test]
async fn se_05_the_handlers_write_lands_after_the_old_deadline() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(29 * MINUTE);
    let time = &fixture.time;
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            time.advance(2 * MINUTE);
            session.insert("a", &1)?;
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
}

#[tokio::test]
async fn a_handler_does_not_wait_for_the_touch() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(10 * MINUTE);
    fixture.store.pending_once();
    let ran = std::cell::Cell::new(false);
    let mut task = Context::from_waker(Waker::noop());
    let ran_here = &ran;
    let mut request = pin!(fixture.send(Some(&cookie), move |session| async move {
        ran_here.set(true);
        tokio::task::yield_now().await;
        who(session).await
    }));
    // The load waits once. The handler then runs in the same poll that sends the touch.
    assert!(request.as_mut().poll(&mut task).is_pending());
    assert!(!ran.get());
    assert!(request.as_mut().poll(&mut task).is_pending());
    assert!(ran.get());
    assert_eq!(request.await.body, "alice");
    assert_eq!(fixture.store.steps().touch, 1);
}

#[tokio::test]
async fn a_touch_that_fails_takes_nothing_from_the_response() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(10 * MINUTE);
    fixture.store.fail_next_of(tower_auth_test::Step::Touch, 1);
    assert_eq!(fixture.who(&cookie).await, "alice");
    assert_eq!(fixture.who(&cookie).await, "alice");
    assert_eq!(fixture.store.steps().touch, 2, "the next request touches instead");
}

#[tokio::test]
async fn se_05_a_request_longer_than_the_idle_timeout_is_touched_while_it_runs() {
    let fixture = timed();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(29 * MINUTE);
    let outer = &fixture;
    let request = fixture.send(Some(&cookie), move |session| async move {
        slow(outer, 100).await;
        session.insert("a", &1)?;
        Ok(String::new())
    });
    let reply = minute_by_minute(&fixture, request).await;
    assert_eq!(reply.status, StatusCode::OK);
    // One touch at arrival, and one each quarter of an hour.
    assert_eq!(fixture.store.steps().touch, 1 + 100 / 15);
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
}

#[tokio::test]
async fn without_a_timer_such_a_request_loses_its_session() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let outer = &fixture;
    let request = fixture.send(Some(&cookie), move |session| async move {
        slow(outer, 31).await;
        session.insert("a", &1)?;
        Ok(String::new())
    });
    let reply = minute_by_minute(&fixture, request).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.removes());
}

#[tokio::test]
async fn se_05_the_absolute_deadline_wins_over_every_use() {
    for fixture in [Fixture::new(), timed()] {
        let cookie = fixture.login(None, "alice").await;
        for _ in 0..71 {
            fixture.time.advance(20 * MINUTE);
            assert_eq!(fixture.who(&cookie).await, "alice");
        }
        fixture.time.advance(19 * MINUTE);
        let outer = &fixture;
        let request = fixture.send(Some(&cookie), move |session| async move {
            slow(outer, 1).await;
            session.insert("a", &1)?;
            Ok(String::new())
        });
        let reply = minute_by_minute(&fixture, request).await;
        assert_eq!((reply.status, reply.credential()), (StatusCode::UNAUTHORIZED, None));
        assert_eq!(fixture.who(&cookie).await, "anonymous");
    }
}

#[tokio::test]
async fn d03_an_end_wins_over_every_use() {
    let fixture = timed();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(10 * MINUTE);
    let outer = &fixture;
    let request = fixture.send(Some(&cookie), move |session| async move {
        let key = Key::new(RecordKind::Session, session.id().unwrap());
        outer.store.end(&key, EndReason::Kicked, 500 * MINUTE).await.unwrap();
        slow(outer, 100).await;
        who(session).await
    });
    minute_by_minute(&fixture, request).await;
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn a_session_that_the_request_has_left_is_not_touched() {
    let fixture = timed();
    let cookie = fixture.login(None, "alice").await;
    let outer = &fixture;
    let leave = move |session: Session| async move {
        session.logout().await?;
        slow(outer, 40).await;
        Ok::<_, SessionError>(String::new())
    };
    minute_by_minute(&fixture, send(&fixture.layer, request(Some(&cookie)), leave)).await;
    assert_eq!(fixture.store.steps().touch, 0);
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}
