//! Reading and changing values.

use http::StatusCode;

use super::fixture::{Fixture, request, send};
use crate::session::SessionError;

#[tokio::test]
async fn se_19_nothing_is_stored_for_the_visitor_who_writes_nothing() {
    let fixture = Fixture::new();
    let reply = fixture
        .send(None, |session| async move {
            assert_eq!(session.get::<u32>("a")?, None);
            session.remove("a")?;
            session.commit().await?;
            assert!(session.id().is_none());
            Ok(String::new())
        })
        .await;
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn a_value_lives_from_request_to_request() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
    assert_eq!(fixture.read(&cookie, "b").await, None);
}

#[tokio::test]
async fn a_request_reads_its_own_changes() {
    let fixture = Fixture::new();
    fixture
        .send(None, |session| async move {
            session.insert("a", &1)?;
            assert_eq!(session.get("a")?, Some(1));
            session.update("a", |a: Option<u32>| a.unwrap_or(0) + 10)?;
            assert_eq!(session.get("a")?, Some(11));
            session.remove("a")?;
            assert_eq!(session.get::<u32>("a")?, None);
            session.update("a", |a: Option<u32>| a.map_or(7, |_| 0))?;
            assert_eq!(session.get("a")?, Some(7));
            Ok(String::new())
        })
        .await;
}

#[tokio::test]
async fn se_18_d03_changes_are_applied_to_what_others_saved() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "n", 1).await.credential().unwrap();
    // Two requests, the second entirely inside the first.
    let (inner, outer) = (cookie.clone(), &fixture);
    fixture
        .send(Some(&cookie), move |session| {
            let inner = inner.clone();
            async move {
                session.insert("mine", &1)?;
                session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1)?;
                outer
                    .send(Some(&inner), |session| async move {
                        session.insert("yours", &2)?;
                        session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1)?;
                        Ok(String::new())
                    })
                    .await;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(fixture.read(&cookie, "mine").await, Some(1));
    assert_eq!(fixture.read(&cookie, "yours").await, Some(2));
    assert_eq!(fixture.read(&cookie, "n").await, Some(3));
}

#[tokio::test]
async fn a_read_saves_nothing_and_sends_nothing() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    fixture.store.reset_steps();
    let reply = fixture.send(Some(&cookie), |session| async move {
        session.get::<u32>("a")?;
        Ok(String::new())
    });
    assert!(reply.await.set_cookies().is_empty());
    // The memory store answers loads without a step.
    let steps = fixture.store.steps();
    assert_eq!(steps.total() - steps.load, 0);
}

#[tokio::test]
async fn a_value_of_another_type_is_an_error_and_stays() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    fixture
        .send(Some(&cookie), |session| async move {
            let wrong = session.get::<Vec<String>>("a");
            assert!(matches!(wrong, Err(SessionError::Decode { key }) if key == "a"));
            let wrong = session.update("a", |a: Option<String>| a.unwrap_or_default());
            assert!(matches!(wrong, Err(SessionError::Decode { .. })));
            Ok(String::new())
        })
        .await;
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
}

#[tokio::test]
async fn a_value_that_is_no_json_is_an_error_and_changes_nothing() {
    let fixture = Fixture::new();
    let reply = fixture.send(None, |session| async move {
        let no_json = std::collections::HashMap::from([((1, 2), 3)]);
        assert!(matches!(session.insert("a", &no_json), Err(SessionError::Encode { .. })));
        Ok(String::new())
    });
    assert!(reply.await.set_cookies().is_empty());
}

#[tokio::test]
async fn a_session_beyond_the_stores_limit_is_refused_at_the_write() {
    let fixture = Fixture::new();
    let max = tower_auth_core::store::Store::limits(&fixture.store).max_value;
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    fixture
        .send(Some(&cookie), move |session| async move {
            let too_large = session.insert("b", &"x".repeat(max));
            assert!(matches!(too_large, Err(SessionError::TooLarge)));
            // Repeated writes of one key are measured by the final size, not added up.
            for _ in 0..3 {
                session.insert("c", &"x".repeat(max / 2))?;
            }
            Ok(String::new())
        })
        .await;
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
    assert_eq!(fixture.read(&cookie, "b").await, None);
}

#[tokio::test]
async fn commit_saves_now_and_the_session_goes_on() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "a", 1).await.credential().unwrap();
    fixture.store.reset_steps();
    let outer = &fixture;
    let seen = cookie.clone();
    fixture
        .send(Some(&cookie), move |session| {
            let seen = seen.clone();
            async move {
                session.insert("a", &2)?;
                session.commit().await?;
                assert_eq!(outer.read(&seen, "a").await, Some(2));
                session.update("a", |a: Option<u32>| a.unwrap_or(0) + 1)?;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(fixture.read(&cookie, "a").await, Some(3));
    assert_eq!(fixture.store.steps().save, 2);
}

#[tokio::test]
async fn a_first_commit_sends_the_cookie_once() {
    let fixture = Fixture::new();
    let reply = fixture
        .send(None, |session| async move {
            session.insert("a", &1)?;
            session.commit().await?;
            session.insert("a", &2)?;
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.set_cookies().len(), 1);
    assert_eq!(fixture.read(&reply.credential().unwrap(), "a").await, Some(2));
}

#[tokio::test]
async fn what_is_written_after_the_head_is_refused() {
    let fixture = Fixture::new();
    let kept = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = kept.clone();
    fixture
        .send(None, move |session| {
            *keep.lock().unwrap() = Some(session);
            async { Ok(String::new()) }
        })
        .await;
    let session = kept.lock().unwrap().take().unwrap();
    assert!(matches!(session.insert("a", &1), Err(SessionError::ResponseSent)));
    assert!(matches!(session.commit().await, Err(SessionError::ResponseSent)));
    assert!(matches!(session.logout().await, Err(SessionError::ResponseSent)));
    let alice = crate::Identity::local("alice").build();
    assert!(matches!(session.login(alice), Err(SessionError::ResponseSent)));
    assert_eq!(fixture.store.steps().total(), 0);
}

#[tokio::test]
async fn d17_what_is_written_while_the_head_is_saved_is_refused_not_lost() {
    let fixture = Fixture::new();
    fixture.store.pending_once();
    let kept = std::sync::Arc::new(std::sync::Mutex::new(None));
    let keep = kept.clone();
    let request = fixture.send(None, move |session| {
        *keep.lock().unwrap() = Some(session.clone());
        async move { session.insert("a", &1).map(|()| String::new()) }
    });
    let another = async {
        let session = kept.lock().unwrap().clone().expect("the handler ran first");
        // The store is creating the record, and the response waits for it.
        assert!(matches!(session.insert("b", &2), Err(SessionError::ResponseSent)));
        assert!(matches!(session.logout().await, Err(SessionError::ResponseSent)));
    };
    let (reply, ()) = tokio::join!(request, another);
    let cookie = reply.credential().unwrap();
    assert_eq!(
        (fixture.read(&cookie, "a").await, fixture.read(&cookie, "b").await),
        (Some(1), None)
    );
}

/// Records on drop whether the session was free. If it were locked, its use would deadlock.
struct Dropped(crate::Session, std::sync::Arc<std::sync::Mutex<Vec<bool>>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0.0.is_free());
    }
}

#[tokio::test]
async fn what_an_update_holds_is_dropped_outside_of_the_lock() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    for ending in ["saved", "another's", "logout", "commit", "dropped"] {
        let free = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let held = std::sync::Arc::clone(&free);
        fixture
            .send(Some(&cookie), move |session| {
                let held = Dropped(session.clone(), held.clone());
                async move {
                    session.update("a", move |a: Option<u32>| {
                        let _ = &held;
                        a.unwrap_or(0) + 1
                    })?;
                    match ending {
                        "another's" => session.login(crate::Identity::local("bob").build())?,
                        "logout" => session.logout().await?,
                        "commit" => session.commit().await?,
                        "dropped" => session.0.close(),
                        _ => {}
                    }
                    Ok(String::new())
                }
            })
            .await;
        assert_eq!(*free.lock().unwrap(), [true], "{ending}");
    }
}

#[tokio::test]
async fn an_update_may_ask_the_session_for_another_value() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "price", 3).await.credential().unwrap();
    fixture
        .send(Some(&cookie), |session| async move {
            let same = session.clone();
            session.update("total", move |total: Option<u32>| {
                total.unwrap_or(0) + same.get::<u32>("price").unwrap().unwrap_or(0)
            })?;
            Ok(String::new())
        })
        .await;
    assert_eq!(fixture.read(&cookie, "total").await, Some(3));
}

#[tokio::test]
async fn se_18_two_commits_of_one_request_at_once_make_one_session() {
    let fixture = Fixture::new();
    fixture.store.pending_once();
    let reply = fixture
        .send(None, |session| async move {
            session.insert("a", &1)?;
            session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1)?;
            let other = session.clone();
            let second = async move {
                other.insert("b", &2)?;
                other.commit().await
            };
            let (first, second) = tokio::join!(session.commit(), second);
            first.and(second)?;
            // Applied once, in the store as well as here.
            assert_eq!(session.get("n")?, Some(1));
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
    assert_eq!(fixture.read(&cookie, "b").await, Some(2));
    assert_eq!(fixture.read(&cookie, "n").await, Some(1));
    assert_eq!((fixture.store.steps().create, fixture.store.steps().save), (1, 1));
}

#[tokio::test]
async fn se_18_more_writers_than_retries_all_get_their_turn() {
    let fixture = Fixture::new();
    let cookie = fixture.put(None, "n", 0).await.credential().unwrap();
    // Each step yields to the others, so that all have loaded before the first saves.
    fixture.store.pending_once();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (layer, cookie) = (fixture.layer.clone(), cookie.clone());
        writers.spawn(async move {
            let counts = |session: crate::Session| async move {
                session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1)?;
                Ok(String::new())
            };
            send(&layer, request(Some(&cookie)), counts).await.status
        });
    }
    let statuses = writers.join_all().await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
    assert_eq!(fixture.read(&cookie, "n").await, Some(64));
}
