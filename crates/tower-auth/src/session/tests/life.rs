//! The life of a session: from the first write to logout, expiry, or a failure of the store.

use std::time::Duration;

use http::StatusCode;
use tower_auth_core::store::{EndReason, Key, RecordKind, Store as _};

use super::fixture::{Fixture, who};
use crate::session::SessionError;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn se_07_se_14_logout_ends_the_session_in_the_store_and_takes_the_cookie() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            session.logout().await?;
            who(session).await
        })
        .await;
    assert_eq!(reply.body, "anonymous");
    assert!(reply.removes());
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn d03_a_logout_wins_over_a_write_in_flight() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let (outer, inner) = (&fixture, cookie.clone());
    let reply = fixture
        .send(Some(&cookie), move |session| {
            let inner = inner.clone();
            async move {
                session.insert("a", &1)?;
                let logout = |session: crate::Session| async move {
                    session.logout().await?;
                    Ok(String::new())
                };
                outer.send(Some(&inner), logout).await;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.rejection.unwrap().code(), "session_logged_out");
    assert!(reply.headers.contains_key("www-authenticate"));
    assert_eq!(fixture.who(&cookie).await, "anonymous");
    assert_eq!(fixture.read(&cookie, "a").await, None);
}

#[tokio::test]
async fn what_is_written_after_logout_starts_a_new_session() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.put(Some(&cookie), "a", 1).await;
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            session.insert("a", &2)?;
            session.logout().await?;
            assert_eq!(session.get::<u32>("a")?, None);
            session.insert("flash", &1)?;
            Ok(String::new())
        })
        .await;
    let fresh = reply.credential().unwrap();
    assert_ne!(fresh, cookie);
    assert_eq!(fixture.read(&fresh, "flash").await, Some(1));
    assert_eq!(fixture.read(&fresh, "a").await, None);
    assert_eq!(fixture.who(&fresh).await, "anonymous");
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn logout_of_a_login_that_was_not_saved_leaves_nothing() {
    let fixture = Fixture::new();
    let reply = fixture
        .send(None, |session| async move {
            session.login(crate::Identity::local("alice").build())?;
            session.logout().await?;
            who(session).await
        })
        .await;
    assert_eq!(reply.body, "anonymous");
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn a_kick_says_so_to_the_request_under_way() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let store = &fixture.store;
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            session.insert("a", &1)?;
            let key = Key::new(RecordKind::Session, session.id().unwrap());
            store.end(&key, EndReason::Kicked, MINUTE).await.unwrap();
            let told = session.commit().await;
            assert!(matches!(told, Err(SessionError::Ended(Some(EndReason::Kicked)))));
            session.insert("b", &2)?;
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.rejection.unwrap().code(), "session_kicked");
}

#[tokio::test]
async fn se_05_se_06_ck_19_idle_ends_it_by_the_clock_whatever_the_browser_keeps() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(Duration::from_micros(30 * 60 * 1_000_000 - 1));
    assert_eq!(fixture.who(&cookie).await, "alice");
    // That was a use: half an hour starts again here.
    fixture.time.advance(30 * MINUTE);
    let reply = fixture.send(Some(&cookie), who).await;
    assert_eq!(reply.body, "anonymous");
    assert!(reply.removes());
}

#[tokio::test]
async fn se_05_se_06_absolute_ends_it_however_much_it_is_used() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    for _ in 0..(24 * 60 / 20 - 1) {
        fixture.time.advance(20 * MINUTE);
        assert_eq!(fixture.who(&cookie).await, "alice");
    }
    fixture.time.advance(20 * MINUTE);
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn it_is_touched_once_a_tenth_of_the_idle_timeout_has_passed() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(3 * MINUTE);
    fixture.who(&cookie).await;
    assert_eq!(fixture.store.steps().touch, 0);
    fixture.time.advance(Duration::from_micros(1));
    fixture.who(&cookie).await;
    assert_eq!(fixture.store.steps().touch, 1);
    fixture.who(&cookie).await;
    assert_eq!(fixture.store.steps().touch, 1);
    // The arrival also counts if a save follows: it is recorded before the handler's changes are
    // known.
    fixture.time.advance(4 * MINUTE);
    fixture.put(Some(&cookie), "a", 1).await;
    fixture.who(&cookie).await;
    assert_eq!((fixture.store.steps().touch, fixture.store.steps().save), (2, 1));
}

#[tokio::test]
async fn a_touch_does_not_make_a_write_conflict() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(10 * MINUTE);
    let (outer, inner) = (&fixture, cookie.clone());
    fixture.store.reset_steps();
    fixture
        .send(Some(&cookie), move |session| {
            let inner = inner.clone();
            async move {
                session.insert("a", &1)?;
                outer.who(&inner).await;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!((fixture.store.steps().touch, fixture.store.steps().save), (1, 1));
}

#[tokio::test]
async fn d04_a_dropped_request_leaves_logout_working() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    for _ in 0..3 {
        let request = fixture.send(Some(&cookie), |session| async move {
            session.insert("a", &1)?;
            std::future::pending().await
        });
        let mut request = Box::pin(request);
        let waker = std::task::Waker::noop();
        let mut task = std::task::Context::from_waker(waker);
        assert!(request.as_mut().poll(&mut task).is_pending());
        drop(request);
    }
    assert_eq!(fixture.read(&cookie, "a").await, None);
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            session.logout().await?;
            Ok(String::new())
        })
        .await;
    assert!(reply.removes());
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn changes_are_saved_whatever_the_responses_status() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            session.insert("failures", &1)?;
            Err(SessionError::Busy)
        })
        .await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(fixture.read(&cookie, "failures").await, Some(1));
}

#[tokio::test]
async fn a_logout_under_a_renewed_secret_is_told_that_it_ended_nothing() {
    let fixture = Fixture::new();
    let before = fixture.put(None, "a", 1).await.credential().unwrap();
    let after = fixture.login(Some(&before), "alice").await;
    let reply = fixture
        .send(Some(&before), |session| async move {
            assert!(matches!(session.logout().await, Err(SessionError::Rotated)));
            Ok(String::new())
        })
        .await;
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.who(&after).await, "alice");
}

#[tokio::test]
async fn se_05_an_anonymous_session_has_an_absolute_end_too() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    for _ in 0..(24 * 60 / 20 - 1) {
        fixture.time.advance(20 * MINUTE);
        assert_eq!(fixture.put(Some(&cookie), "a", 1).await.status, StatusCode::OK);
    }
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
    fixture.time.advance(20 * MINUTE);
    assert_eq!(fixture.read(&cookie, "a").await, None);
}
