//! A store that fails: the response, and the stored record.

use std::future::{Future as _, poll_fn};
use std::task::Poll;
use std::time::Duration;

use http::StatusCode;
use tower_auth_core::store::{
    EndReason, Key, Load, Record, RecordId, RecordKind, Store as _, Stored, Write,
};
use tower_auth_core::{Identity, Rejection};
use tower_auth_test::{EventLog, Step};

use super::fixture::{Fixture, who};
use crate::session::{Session, SessionError};

const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn se_17_d07_a_store_that_is_down_is_not_logged_out() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.put(Some(&cookie), "a", 1).await;
    fixture.store.down();
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            assert!(matches!(session.get::<u32>("a"), Err(SessionError::Unavailable)));
            assert!(matches!(session.insert("a", &2), Err(SessionError::Unavailable)));
            assert!(matches!(session.remove("a"), Err(SessionError::Unavailable)));
            assert!(matches!(session.identity(), Err(SessionError::Unavailable)));
            assert!(matches!(session.logout().await, Err(SessionError::Unavailable)));
            let login = session.login(Identity::local("bob").build());
            assert!(matches!(login, Err(SessionError::Unavailable)));
            Ok("public page".into())
        })
        .await;
    // The public page is sent, and the cookie is not removed.
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "public page"));
    assert!(reply.set_cookies().is_empty());
    fixture.store.up();
    assert_eq!(fixture.who(&cookie).await, "alice");
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
}

#[tokio::test]
async fn d17_a_save_that_fails_is_told_and_no_cookie_leaves() {
    let fixture = Fixture::new();
    fixture.store.down();
    let reply = fixture
        .send(None, |session| async move {
            session.login(Identity::local("alice").build())?;
            Ok("welcome, alice".into())
        })
        .await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(reply.rejection, Some(Rejection::Unavailable));
    assert!(reply.headers.contains_key("retry-after"));
    assert_eq!(reply.body, "");
    assert!(reply.set_cookies().is_empty());
}

#[tokio::test]
async fn d17_a_login_as_another_that_cannot_be_stored_leaves_the_old_session() {
    // Either of the two steps fails. The second may also succeed and lose its answer.
    for (step, answer_alone) in [(Step::Create, false), (Step::End, false), (Step::End, true)] {
        let log = EventLog::new();
        let fixture = Fixture::with_settings(|it| it.events(log.events()));
        let cookie = fixture.login(None, "alice").await;
        fixture.put(Some(&cookie), "a", 1).await;
        log.take();
        if answer_alone {
            fixture.store.fail_after_of(step, 1);
        } else {
            fixture.store.fail_next_of(step, 1);
        }
        let reply = fixture
            .send(Some(&cookie), |session| async move {
                session.login(Identity::local("bob").build())?;
                Ok("welcome, bob".into())
            })
            .await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{step:?}");
        assert!(reply.set_cookies().is_empty(), "{step:?}");
        let told = log.take().concat();
        assert!(!told.contains("session_login") && !told.contains("session_replaced"), "{told}");
        if answer_alone {
            assert_eq!(fixture.who(&cookie).await, "anonymous");
        } else {
            assert_eq!(fixture.who(&cookie).await, "alice", "{step:?}");
            assert_eq!(fixture.read(&cookie, "a").await, Some(1), "{step:?}");
        }
    }
}

#[tokio::test]
async fn d17_a_commit_that_fails_takes_back_no_later_logins_cookie() {
    let fixture = Fixture::new();
    fixture.store.pending_once();
    fixture.store.fail_next_of(Step::Create, 1);
    let reply = fixture
        .send(None, |session| async move {
            session.login(Identity::local("alice").build())?;
            let mut commit = Box::pin(session.commit());
            let waits = poll_fn(|task| Poll::Ready(commit.as_mut().poll(task).is_pending())).await;
            assert!(waits, "the first login waits for the store");
            session.login(Identity::local("bob").build())?;
            assert!(matches!(commit.await, Err(SessionError::Unavailable)));
            Ok("welcome, bob".into())
        })
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    let cookie = reply.credential().expect("the store has accepted the second login");
    assert_eq!(fixture.who(&cookie).await, "bob");
}

#[tokio::test]
async fn d05_a_failed_load_is_not_answered_with_a_blank_session() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.put(Some(&cookie), "a", 1).await;
    fixture.store.down();
    let store = &fixture.store;
    // The store recovers before the head: nothing may overwrite the stored record.
    fixture
        .send(Some(&cookie), move |session| async move {
            let _ = session.insert("a", &666);
            store.up();
            let _ = session.insert("a", &666);
            session.commit().await?;
            Ok(String::new())
        })
        .await;
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
}

#[tokio::test]
async fn a_failed_touch_is_no_failed_response() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.time.advance(std::time::Duration::from_secs(600));
    let store = &fixture.store;
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            store.down();
            who(session).await
        })
        .await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "alice"));
}

#[tokio::test]
async fn a_failed_logout_is_told_and_keeps_the_cookie() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let store = &fixture.store;
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            store.down();
            assert!(matches!(session.logout().await, Err(SessionError::Unavailable)));
            store.up();
            Ok(String::new())
        })
        .await;
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.who(&cookie).await, "alice");
}

#[tokio::test]
async fn d17_a_failed_commit_leaves_nothing_of_what_it_carried() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    let store = &fixture.store;
    fixture
        .send(Some(&cookie), move |session| async move {
            session.insert("a", &2)?;
            store.down();
            assert!(matches!(session.commit().await, Err(SessionError::Unavailable)));
            store.up();
            assert_eq!(session.get::<u32>("a")?, Some(1));
            session.insert("b", &3)?;
            Ok(String::new())
        })
        .await;
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
    assert_eq!(fixture.read(&cookie, "b").await, Some(3));
}

#[tokio::test]
async fn d05_a_record_of_a_format_not_known_is_neither_believed_nor_overwritten() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let store = &fixture.store;
    // A later version of this crate, on another node, writes the record while a request is under
    // way.
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            let key = Key::new(RecordKind::Session, session.id().unwrap());
            let Ok(Load::Found(Stored { version, mut record })) = store.load(&key).await else {
                panic!("the store has the record");
            };
            let mut meta = record.meta.to_vec();
            meta[0] = 2;
            record.meta = meta.into();
            assert!(matches!(store.save(&key, version, &record).await, Ok(Write::Done(_))));
            session.login(Identity::local("alice").build())?;
            session.insert("mine", &1)?;
            Ok(String::new())
        })
        .await;
    // The login starts a new session.
    let fresh = reply.credential().unwrap();
    assert_eq!(fixture.who(&fresh).await, "alice");
    assert_eq!(fixture.read(&fresh, "mine").await, Some(1));

    let reply = fixture.send(Some(&cookie), who).await;
    assert_eq!((reply.body.as_str(), reply.removes()), ("anonymous", false));
    store.reset_steps();
    let fresh = fixture.put(Some(&cookie), "a", 1).await.credential().unwrap();
    assert_ne!(fresh, cookie);
    assert_eq!((store.steps().save, store.steps().create), (0, 1));
}

/// Returns the key of the credential's session.
fn key(cookie: &str) -> Key {
    let bytes = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, cookie).unwrap();
    Key::new(RecordKind::Session, RecordId::new(bytes[5..21].try_into().unwrap()))
}

/// Changes the stored record, as another version or a broken store would.
async fn tamper(fixture: &Fixture, cookie: &str, change: impl FnOnce(&mut Record)) -> Key {
    let key = key(cookie);
    let Ok(Load::Found(stored)) = fixture.store.load(&key).await else { panic!("it is there") };
    let mut record = stored.record;
    change(&mut record);
    assert!(matches!(fixture.store.save(&key, stored.version, &record).await, Ok(Write::Done(_))));
    key
}

#[tokio::test]
async fn a_record_of_a_later_format_is_no_ones_and_a_logout_still_ends_it() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let later = |record: &mut Record| {
        let mut meta = record.meta.to_vec();
        meta[0] = 2;
        record.meta = meta.into();
    };
    let key = tamper(&fixture, &cookie, later).await;
    let reply = fixture.send(Some(&cookie), who).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "anonymous"));
    assert!(reply.set_cookies().is_empty(), "the later version still uses the cookie");
    // A write starts a new session.
    assert!(fixture.put(Some(&cookie), "a", 1).await.credential().is_some());
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            session.logout().await?;
            Ok(String::new())
        })
        .await;
    assert!(reply.removes());
    assert!(matches!(
        fixture.store.load(&key).await,
        Ok(Load::Ended { reason: EndReason::LoggedOut, .. })
    ));
}

/// An end may take effect and still return an error, because no replica confirmed it.
#[tokio::test]
async fn a_logout_that_was_not_confirmed_is_no_better_confirmed_by_asking_again() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let logout = |session: Session| async move {
        session.logout().await?;
        Ok(String::new())
    };
    for _ in 0..2 {
        fixture.store.fail_after_of(Step::End, 1);
        let reply = fixture.send(Some(&cookie), logout).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        // Otherwise the client could not ask again.
        assert!(reply.set_cookies().is_empty());
        let left = fixture.store.load(&key(&cookie)).await.unwrap();
        assert!(
            matches!(left, Load::Ended { reason: EndReason::LoggedOut, .. }),
            "the end took effect"
        );
    }
    fixture.store.reset_steps();
    let reply = fixture.send(Some(&cookie), logout).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.removes());
    assert_eq!(fixture.store.steps().end, 1, "this end was confirmed");
}

#[tokio::test]
async fn a_logout_that_was_not_waited_for_leaves_the_credential_to_ask_again() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    fixture.store.end(&key(&cookie), EndReason::LoggedOut, HOUR).await.unwrap();
    fixture.store.pending_once();
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            let mut logout = Box::pin(session.logout());
            poll_fn(|task| Poll::Ready(logout.as_mut().poll(task).is_pending())).await;
            Ok("that takes too long".into())
        })
        .await;
    assert!(reply.set_cookies().is_empty(), "{:?}", reply.set_cookies());
}

#[tokio::test]
async fn d05_values_that_cannot_be_read_are_not_written_over() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    let broken = |record: &mut Record| record.data = "{\"a\":1,\"b".into();
    let key = tamper(&fixture, &cookie, broken).await;
    let reply = fixture.put(Some(&cookie), "c", 2).await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    let Ok(Load::Found(stored)) = fixture.store.load(&key).await else { panic!("it is there") };
    assert_eq!(stored.record.data, "{\"a\":1,\"b");
}
