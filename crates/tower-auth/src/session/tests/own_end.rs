//! A handler that ends its own request's session through `Sessions` has logged out.

use http::StatusCode;
use tower_auth_core::Principal;
use tower_auth_core::store::{EndReason, Key, RecordKind, Store as _};

use super::fixture::{Fixture, Reply, request, send, who};
use crate::session::{Session, SessionError, Sessions};

#[derive(Clone, Copy, Debug)]
enum By {
    One,
    All,
}

async fn end(sessions: &Sessions, session: &Session, by: By) -> Result<(), SessionError> {
    let alice = Principal::local("alice");
    match by {
        By::One => assert!(sessions.end(&alice, session.id().unwrap()).await?),
        By::All => assert_eq!(sessions.end_all(&alice, None).await?, 1),
    }
    Ok(())
}

#[tokio::test]
async fn se_07_what_is_written_afterwards_starts_a_new_session() {
    for by in [By::One, By::All] {
        let fixture = Fixture::new();
        let sessions = fixture.layer.sessions().unwrap();
        let cookie = fixture.login(None, "alice").await;
        let reply = fixture
            .send(Some(&cookie), move |session| {
                let sessions = sessions.clone();
                async move {
                    session.insert("before", &1)?;
                    end(&sessions, &session, by).await?;
                    assert!(session.id().is_none() && session.get::<u32>("before")?.is_none());
                    session.insert("flash", &2)?;
                    who(session).await
                }
            })
            .await;
        assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "anonymous"), "{by:?}");
        let fresh = reply.credential().unwrap();
        assert_eq!(fixture.read(&fresh, "flash").await, Some(2));
        assert_eq!(fixture.read(&fresh, "before").await, None);
        assert_eq!(fixture.who(&cookie).await, "anonymous");
    }
}

#[tokio::test]
async fn se_14_the_dead_cookie_goes() {
    for by in [By::One, By::All] {
        let fixture = Fixture::new();
        let sessions = fixture.layer.sessions().unwrap();
        let cookie = fixture.login(None, "alice").await;
        let reply = fixture
            .send(Some(&cookie), move |session| {
                let sessions = sessions.clone();
                async move {
                    end(&sessions, &session, by).await?;
                    Ok(String::new())
                }
            })
            .await;
        assert_eq!((reply.status, reply.removes()), (StatusCode::OK, true), "{by:?}");
    }
}

/// The record has expired meanwhile, or the store has lost it.
#[tokio::test]
async fn se_07_to_end_ones_own_session_that_is_absent_is_a_logout() {
    for by in [By::One, By::All] {
        for whose in ["alice", "bob"] {
            let fixture = Fixture::new();
            let sessions = fixture.layer.sessions().unwrap();
            let cookie = fixture.login(None, "alice").await;
            let (time, now) = (&fixture.time, fixture.time.now());
            let reply = fixture
                .send(Some(&cookie), move |session| {
                    let sessions = sessions.clone();
                    async move {
                        if whose == "alice" {
                            session.insert("before", &1)?;
                        }
                        time.advance(std::time::Duration::from_secs(48 * 60 * 60));
                        let (whose, name) = (Principal::local(whose), session.id().unwrap());
                        match by {
                            By::One => assert!(!sessions.end(&whose, name).await?),
                            By::All => assert_eq!(sessions.end_all(&whose, None).await?, 0),
                        }
                        time.set(now);
                        if whose.subject == "alice" {
                            session.insert("flash", &2)?;
                        }
                        who(session).await
                    }
                })
                .await;
            let wanted = if whose == "alice" { "anonymous" } else { "alice" };
            assert_eq!((reply.status, &*reply.body), (StatusCode::OK, wanted), "{by:?}");
            assert_eq!(reply.credential().is_some(), whose == "alice", "{by:?}");
        }
    }
}

#[tokio::test]
async fn a_session_that_was_spared_goes_on() {
    let fixture = Fixture::new();
    let sessions = fixture.layer.sessions().unwrap();
    let (cookie, other) = (fixture.login(None, "alice").await, fixture.login(None, "alice").await);
    let reply = fixture
        .send(Some(&cookie), move |session| {
            let sessions = sessions.clone();
            async move {
                let alice = Principal::local("alice");
                assert_eq!(sessions.end_all(&alice, session.id()).await?, 1);
                assert_eq!(sessions.end_all(&Principal::local("bob"), None).await?, 0);
                let bobs = sessions.end(&Principal::local("bob"), session.id().unwrap()).await?;
                assert!(!bobs);
                session.insert("a", &1)?;
                who(session).await
            }
        })
        .await;
    assert_eq!((reply.body.as_str(), reply.set_cookies().len()), ("alice", 0));
    assert_eq!(fixture.read(&cookie, "a").await, Some(1));
    assert_eq!(fixture.who(&other).await, "anonymous");
}

/// Two concurrent requests of one session, on one thread: only the request that ends it has logged
/// out.
#[tokio::test]
async fn d03_to_every_other_request_it_is_a_kick() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let sessions = fixture.layer.sessions().unwrap();
    let turns = &tokio::sync::Barrier::new(2);
    let ends = fixture.send(Some(&cookie), |session| {
        let sessions = sessions.clone();
        async move {
            turns.wait().await;
            end(&sessions, &session, By::One).await?;
            session.insert("flash", &1)?;
            turns.wait().await;
            Ok(String::new())
        }
    });
    let writes = fixture.send(Some(&cookie), |session| async move {
        turns.wait().await;
        turns.wait().await;
        session.insert("late", &1)?;
        Ok(String::new())
    });
    let (ends, writes): (Reply, Reply) = tokio::join!(ends, writes);
    assert_eq!(ends.status, StatusCode::OK);
    assert!(ends.credential().is_some());
    assert_eq!(writes.status, StatusCode::UNAUTHORIZED);
    assert!(writes.removes() && writes.headers.contains_key("www-authenticate"));
}

#[tokio::test]
async fn from_a_task_of_its_own_it_is_a_kick() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let sessions = fixture.layer.sessions().unwrap();
    let reply = fixture
        .send(Some(&cookie), move |session| {
            let sessions = sessions.clone();
            async move {
                let name = session.id().unwrap();
                let task = async move { sessions.end(&Principal::local("alice"), name).await };
                assert!(tokio::spawn(task).await.unwrap()?);
                session.insert("late", &1)?;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!((reply.status, reply.removes()), (StatusCode::UNAUTHORIZED, true));
}

#[tokio::test]
async fn se_17_what_could_not_be_ended_stays() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let (sessions, store) = (fixture.layer.sessions().unwrap(), &fixture.store);
    let reply = fixture
        .send(Some(&cookie), move |session| {
            let sessions = sessions.clone();
            async move {
                store.down();
                assert!(end(&sessions, &session, By::One).await.is_err());
                store.up();
                who(session).await
            }
        })
        .await;
    assert_eq!((reply.body.as_str(), reply.set_cookies().len()), ("alice", 0));
    assert_eq!(fixture.who(&cookie).await, "alice");
}

#[tokio::test]
async fn d47_a_background_request_that_meets_a_kick_takes_no_cookie() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    for commits in [false, true] {
        for (mode, removed) in [("navigate", true), ("cors", false)] {
            let cookie = if commits { fixture.login(None, "alice").await } else { cookie.clone() };
            let cookie = if removed { fixture.login(None, "alice").await } else { cookie };
            let mut request = request(Some(&cookie));
            for (name, value) in [("sec-fetch-mode", mode), ("sec-fetch-dest", "document")] {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
            let store = &fixture.store;
            let reply = send(&fixture.layer, request, move |session| async move {
                let key = Key::new(RecordKind::Session, session.id().unwrap());
                store.end(&key, EndReason::Kicked, std::time::Duration::MAX).await.unwrap();
                session.insert("late", &1)?;
                if commits {
                    session.commit().await?;
                }
                Ok(String::new())
            })
            .await;
            assert_eq!((reply.status, reply.removes()), (StatusCode::UNAUTHORIZED, removed));
        }
    }
}
