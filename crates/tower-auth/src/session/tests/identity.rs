//! The identity of a user who is logged in: replaced without a login, and limited in size.

use crate::Settings;
use std::time::Duration;

use http::StatusCode;
use tower_auth_core::Identity;
use tower_auth_core::store::{EndReason, Key, RecordKind, Store as _};

use super::fixture::{Fixture, who};
use crate::session::{Session, SessionError, SessionLayer};

const MINUTE: Duration = Duration::from_secs(60);

fn alice(role: &str) -> Identity {
    Identity::local("alice").role(role).build()
}

async fn roles(session: Session) -> Result<String, SessionError> {
    let me = session.identity()?.unwrap();
    Ok(me.roles().collect::<Vec<_>>().join(" "))
}

#[tokio::test]
async fn se_04_se_10_an_update_renews_the_secret_and_moves_no_deadline() {
    let fixture = Fixture::new();
    let first = fixture
        .send(None, |session| async move {
            session.login(Identity::local("alice").amr("pwd").acr("1").build())?;
            session.insert("a", &1)?;
            Ok(String::new())
        })
        .await
        .credential()
        .unwrap();
    let before = fixture.time.now();
    fixture.time.advance(2 * MINUTE);
    let reply = fixture
        .send(Some(&first), move |session| async move {
            let was = session.identity()?.unwrap();
            let (name, expires) = (session.id(), session.expires_at());
            let later = Identity::local("alice").role("admin").amr("otp").acr("2");
            session.update_identity(later.authenticated_at(before + 2 * MINUTE).build())?;
            for _ in 0..2 {
                let now = session.identity()?.unwrap();
                assert!(now.has_role("admin") && now.same_principal(&was));
                assert_eq!(now.authenticated_at(), Some(before));
                assert!(now.amr().eq(["pwd"]) && now.acr() == Some("1"));
                assert_eq!(now.expires_at(), was.expires_at());
                assert_eq!((session.id(), session.expires_at()), (name, expires));
                session.commit().await?;
            }
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    let second = reply.credential().unwrap();
    assert_ne!(first, second);
    assert_eq!(fixture.who(&first).await, "anonymous");
    assert_eq!(fixture.send(Some(&second), roles).await.body, "admin");
    assert_eq!(fixture.read(&second, "a").await, Some(1));
    // The absolute deadline is the login's.
    for _ in 0..71 {
        fixture.time.advance(20 * MINUTE);
        fixture.who(&second).await;
    }
    assert_eq!(fixture.who(&second).await, "alice");
    fixture.time.advance(18 * MINUTE);
    assert_eq!(fixture.who(&second).await, "anonymous");
}

#[tokio::test]
async fn d49_an_update_loses_to_an_end_that_comes_meanwhile() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let store = &fixture.store;
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            let key = Key::new(RecordKind::Session, session.id().unwrap());
            store.end(&key, EndReason::Kicked, MINUTE).await.unwrap();
            session.update_identity(alice("admin"))?;
            Ok(String::new())
        })
        .await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply.rejection.as_ref().unwrap().code(), "session_kicked");
    assert_eq!(reply.credential(), None);
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn an_update_loses_to_a_rotation_and_to_an_expiry() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let (outer, same) = (&fixture, cookie.clone());
    let reply = fixture
        .send(Some(&cookie), move |session| {
            let same = same.clone();
            async move {
                outer.login(Some(&same), "alice").await;
                session.update_identity(alice("admin"))?;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!((reply.status, reply.credential()), (StatusCode::CONFLICT, None));

    let cookie = fixture.login(None, "alice").await;
    let reply = fixture
        .send(Some(&cookie), move |session| async move {
            outer.time.advance(24 * 60 * MINUTE);
            session.update_identity(alice("admin"))?;
            Ok(String::new())
        })
        .await;
    assert_eq!((reply.status, reply.credential()), (StatusCode::UNAUTHORIZED, None));
}

#[tokio::test]
async fn an_update_is_of_the_user_who_is_logged_in() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            let other = session.update_identity(Identity::local("bob").build());
            assert!(matches!(other, Err(SessionError::OtherPrincipal)));
            who(session).await
        })
        .await;
    assert_eq!((reply.body.as_str(), reply.credential()), ("alice", None));
    let anonymous = fixture.put(None, "a", 1).await.credential();
    for cookie in [None, anonymous.as_deref()] {
        let reply = fixture
            .send(cookie, |session| async move {
                session.update_identity(alice("admin"))?;
                Ok(String::new())
            })
            .await;
        assert_eq!((reply.status, reply.credential()), (StatusCode::UNAUTHORIZED, None));
    }
}

#[tokio::test]
async fn an_update_beside_a_login_and_beside_values() {
    let fixture = Fixture::new();
    let reply = fixture
        .send(None, |session| async move {
            session.insert("a", &1)?;
            session.login(alice("user"))?;
            session.update_identity(alice("admin"))?;
            session.insert("b", &2)?;
            roles(session).await
        })
        .await;
    assert_eq!(reply.body, "admin");
    let cookie = reply.credential().unwrap();
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            session.insert("c", &3)?;
            session.update_identity(alice("editor"))?;
            session.insert("a", &4)?;
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    assert_eq!(fixture.send(Some(&cookie), roles).await.body, "editor");
    for (key, value) in [("a", 4), ("b", 2), ("c", 3)] {
        assert_eq!(fixture.read(&cookie, key).await, Some(value), "{key}");
    }
    // A login after an update is a login.
    let reply = fixture
        .send(Some(&cookie), |session| async move {
            session.update_identity(alice("viewer"))?;
            session.login(alice("user"))?;
            roles(session).await
        })
        .await;
    assert_eq!(reply.body, "user");
    assert_eq!(fixture.read(&reply.credential().unwrap(), "b").await, Some(2));
}

#[tokio::test]
async fn an_identity_that_does_not_fit_is_refused_at_the_call_and_changes_nothing() {
    let groups = |n: usize| {
        let roles = (0..n).map(|at| format!("group-{at:08}"));
        Identity::local("alice").roles(roles).build()
    };
    let fixture = Fixture::new();
    let keys = fixture.keys.clone();
    let in_cookie = SessionLayer::in_cookie(&keys)
        .settings(&Settings::new().clock(fixture.time.clock()))
        .build()
        .unwrap();
    for (layer, many) in [(&fixture.layer, 100_000), (&in_cookie, 400)] {
        let reply =
            super::fixture::send(layer, super::fixture::request(None), move |session| async move {
                session.insert("a", &1)?;
                assert!(matches!(session.login(groups(many)), Err(SessionError::TooLarge)));
                assert!(session.identity()?.is_none());
                assert_eq!(session.get::<u32>("a")?, Some(1));
                session.login(groups(10))?;
                assert!(matches!(session.login(groups(many)), Err(SessionError::TooLarge)));
                assert!(matches!(
                    session.update_identity(groups(many)),
                    Err(SessionError::TooLarge)
                ));
                assert_eq!(session.identity()?.unwrap().roles().count(), 10);
                Ok(String::new())
            });
        let reply = reply.await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(reply.credential().is_some());
    }
}

#[tokio::test]
async fn values_and_identity_share_the_room_in_either_order() {
    let fixture = Fixture::with_room(8192);
    let roles = (0..300).map(|at| format!("role-{at:05}"));
    let large = Identity::local("alice").roles(roles).build();
    let reply = fixture
        .send(None, move |session| {
            let large = large.clone();
            async move {
                session.insert("a", &"x".repeat(5_500))?;
                assert!(matches!(session.login(large.clone()), Err(SessionError::TooLarge)));
                session.remove("a")?;
                session.login(large)?;
                let refused = session.insert("a", &"x".repeat(5_500));
                assert!(matches!(refused, Err(SessionError::TooLarge)));
                session.insert("a", &"x".repeat(4_000))?;
                who(session).await
            }
        })
        .await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "alice"));
    assert!(reply.credential().is_some());
}
