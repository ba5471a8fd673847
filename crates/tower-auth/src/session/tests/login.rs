//! Login, and the renewal of the secret.

use std::time::Duration;

use http::StatusCode;
use tower_auth_core::store::{ListParams, RecordKind, RecordKinds, Store as _};
use tower_auth_core::{Identity, Principal, Rejection, Timestamp};

use super::fixture::{Fixture, request, send, who};
use crate::principal::owner;
use crate::session::SessionError;

#[tokio::test]
async fn se_02_se_04_login_renews_the_secret_and_the_old_one_is_dead() {
    let fixture = Fixture::new();
    let before = fixture.put(None, "cart", 3).await.credential().unwrap();
    let after = fixture.login(Some(&before), "alice").await;
    assert_ne!(before, after);
    assert_eq!(fixture.who(&after).await, "alice");
    // The login kept the anonymous session's data.
    assert_eq!(fixture.read(&after, "cart").await, Some(3));
    // The old credential proves nothing and reads nothing.
    assert_eq!(fixture.who(&before).await, "anonymous");
    assert_eq!(fixture.read(&before, "cart").await, None);
}

#[tokio::test]
async fn d18_the_old_credential_writes_nothing_either() {
    let fixture = Fixture::new();
    let before = fixture.put(None, "cart", 3).await.credential().unwrap();
    let after = fixture.login(Some(&before), "alice").await;
    let reply = fixture
        .send(Some(&before), |session| async move {
            // The call itself fails, not only the finished response.
            assert!(matches!(session.remove("cart"), Err(SessionError::Rotated)));
            session.insert("cart", &666)?;
            panic!("accepted");
        })
        .await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.read(&after, "cart").await, Some(3));
}

#[tokio::test]
async fn a_renewed_credential_keeps_its_cookie_for_a_minute_and_is_unknown_then() {
    let fixture = Fixture::new();
    let before = fixture.put(None, "cart", 3).await.credential().unwrap();
    fixture.login(Some(&before), "alice").await;
    fixture.time.advance(Duration::from_micros(59_999_999));
    let reply = fixture.put(Some(&before), "cart", 1).await;
    assert_eq!((reply.status, reply.removes()), (StatusCode::CONFLICT, false));
    fixture.time.advance(Duration::from_micros(1));
    let reply = fixture.send(Some(&before), who).await;
    assert!(reply.removes());
    // A write starts a new session.
    let fresh = fixture.put(Some(&before), "cart", 1).await.credential().unwrap();
    assert_eq!(fixture.read(&fresh, "cart").await, Some(1));
    assert_eq!(fixture.who(&fresh).await, "anonymous");
}

#[tokio::test]
async fn se_05_the_same_principal_again_keeps_the_data_and_restarts_both_timeouts() {
    let fixture = Fixture::with(|builder| {
        let hours = |n: u64| Duration::from_secs(n * 3600);
        builder.idle_timeout(hours(2)).absolute_timeout(hours(3))
    });
    let first = fixture.login(None, "alice").await;
    fixture.put(Some(&first), "a", 1).await;
    fixture.time.advance(Duration::from_secs(3600));
    let second = fixture.login(Some(&first), "alice").await;
    assert_eq!(fixture.who(&first).await, "anonymous");
    // Beyond the first login's absolute deadline, with use in between.
    for _ in 0..2 {
        fixture.time.advance(Duration::from_secs(3600 + 1200));
        assert_eq!(fixture.who(&second).await, "alice");
    }
    assert_eq!(fixture.read(&second, "a").await, Some(1));
    fixture.time.advance(Duration::from_secs(1200));
    assert_eq!(fixture.who(&second).await, "anonymous");
}

#[tokio::test]
async fn another_principal_ends_the_old_session_and_starts_empty() {
    let fixture = Fixture::new();
    let alice = fixture.login(None, "alice").await;
    fixture.put(Some(&alice), "secret", 1).await;
    let reply = fixture
        .send(Some(&alice), |session| async move {
            session.insert("secret", &2)?;
            session.login(Identity::local("bob").build())?;
            assert_eq!(session.get::<u32>("secret")?, None);
            session.insert("bobs", &3)?;
            Ok(String::new())
        })
        .await;
    let bob = reply.credential().unwrap();
    assert_eq!(fixture.who(&bob).await, "bob");
    assert_eq!(fixture.read(&bob, "secret").await, None);
    assert_eq!(fixture.read(&bob, "bobs").await, Some(3));
    assert_eq!(fixture.who(&alice).await, "anonymous");
    // The response to the old cookie must not remove the new one.
    assert!(!fixture.send(Some(&alice), who).await.removes());
}

#[tokio::test]
async fn data_of_an_anonymous_visitor_reaches_only_the_first_who_logs_in() {
    let fixture = Fixture::new();
    let visitor = fixture.put(None, "cart", 3).await.credential().unwrap();
    let reply = fixture
        .send(Some(&visitor), |session| async move {
            session.login(Identity::local("alice").build())?;
            session.insert("alices", &1)?;
            session.login(Identity::local("bob").build())?;
            Ok(String::new())
        })
        .await;
    let bob = reply.credential().unwrap();
    assert_eq!(fixture.who(&bob).await, "bob");
    assert_eq!(fixture.read(&bob, "cart").await, None);
    assert_eq!(fixture.read(&bob, "alices").await, None);
    assert_eq!(fixture.who(&visitor).await, "anonymous");
}

async fn assert_other_than_alice(other: Principal) {
    let fixture = Fixture::new();
    let alice = fixture.login(None, "alice").await;
    fixture.put(Some(&alice), "secret", 1).await;
    let other = Identity::builder(other).build();
    let reply = fixture
        .send(Some(&alice), |session| {
            let other = other.clone();
            async move {
                let updated = session.update_identity(other.clone());
                assert!(matches!(updated, Err(SessionError::OtherPrincipal)));
                session.login(other)?;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(fixture.read(&reply.credential().unwrap(), "secret").await, None);
    assert_eq!(fixture.who(&alice).await, "anonymous");
}

#[tokio::test]
async fn the_same_subject_of_another_issuer_is_another_principal() {
    assert_other_than_alice(Principal::new("https://id.example", "alice")).await;
}

#[tokio::test]
async fn jw_21_a_client_with_the_name_of_a_user_is_another_principal() {
    assert_other_than_alice(Principal::client(Principal::LOCAL_ISSUER, "alice")).await;
}

#[tokio::test]
async fn jw_21_the_sessions_of_a_client_are_not_those_of_a_user_of_the_same_name() {
    let fixture = Fixture::with_settings(|it| it.issuer("https://shop.example"));
    let client = Principal::client(Principal::LOCAL_ISSUER, "alice");
    let login = Identity::builder(client.clone()).build();
    let reply = fixture
        .send(None, |session| {
            let login = login.clone();
            async move {
                session.login(login)?;
                Ok(String::new())
            }
        })
        .await;
    let cookie = reply.credential().unwrap();
    let kept = fixture
        .send(Some(&cookie), |session| async move {
            let identity = session.identity()?.unwrap();
            assert!(identity.principal() == Principal::client("https://shop.example", "alice"));
            Ok(String::new())
        })
        .await;
    assert_eq!(kept.status, StatusCode::OK);
    let sessions = fixture.layer.sessions().unwrap();
    assert_eq!(sessions.end_all(&Principal::local("alice"), None).await.unwrap(), 0);
    assert_eq!(sessions.list(&client).await.unwrap().len(), 1);
    assert_eq!(sessions.end_all(&client, None).await.unwrap(), 1);
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn two_logins_at_once_both_succeed() {
    let fixture = Fixture::new();
    let before = fixture.put(None, "cart", 3).await.credential().unwrap();
    let (outer, inner) = (&fixture, before.clone());
    let second = std::sync::Mutex::new(String::new());
    let (slot, world_ref) = (&second, &fixture);
    let reply = world_ref
        .send(Some(&before), move |session| {
            let inner = inner.clone();
            async move {
                session.insert("early", &1)?;
                session.login(Identity::local("alice").build())?;
                session.insert("late", &2)?;
                *slot.lock().unwrap() = outer.login(Some(&inner), "alice").await;
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(reply.status, StatusCode::OK);
    let (first, second) = (reply.credential().unwrap(), second.into_inner().unwrap());
    assert_eq!(
        (fixture.who(&first).await, fixture.who(&second).await),
        ("alice".into(), "alice".into())
    );
    // The winner kept the cart. The other session is new, with the values written since its login.
    assert_eq!(fixture.read(&second, "cart").await, Some(3));
    assert_eq!(fixture.read(&first, "cart").await, None);
    assert_eq!(fixture.read(&first, "early").await, None);
    assert_eq!(fixture.read(&first, "late").await, Some(2));
    // The cookie is set once.
    assert_eq!(reply.set_cookies().len(), 1);
}

#[tokio::test]
async fn a_login_beside_a_first_commit_keeps_its_cookie() {
    let fixture = Fixture::new();
    fixture.store.pending_once();
    let reply = fixture
        .send(None, |session| async move {
            session.insert("a", &1)?;
            // The commit waits for the store while the login is made.
            let log_in = async { session.login(Identity::local("alice").build()) };
            let (committed, logged_in) = tokio::join!(session.commit(), log_in);
            committed.and(logged_in).map(|()| String::new())
        })
        .await;
    assert_eq!(reply.set_cookies().len(), 1);
    assert_eq!(fixture.who(&reply.credential().unwrap()).await, "alice");
}

#[tokio::test]
async fn a_login_under_a_renewed_secret_starts_a_fresh_session() {
    let fixture = Fixture::new();
    let before = fixture.put(None, "cart", 3).await.credential().unwrap();
    fixture.login(Some(&before), "alice").await;
    let again = fixture.login(Some(&before), "alice").await;
    assert_eq!(fixture.who(&again).await, "alice");
    assert_eq!(fixture.read(&again, "cart").await, None);
}

#[tokio::test]
async fn a_change_that_meets_a_login_is_refused_and_nothing_of_it_is_left() {
    let fixture = Fixture::new();
    let before = fixture.put(None, "cart", 3).await.credential().unwrap();
    let (outer, inner) = (&fixture, before.clone());
    let after = std::sync::Mutex::new(String::new());
    let slot = &after;
    let reply = fixture
        .send(Some(&before), move |session| {
            let inner = inner.clone();
            async move {
                session.insert("cart", &666)?;
                *slot.lock().unwrap() = outer.login(Some(&inner), "alice").await;
                Ok("the handler expected success".into())
            }
        })
        .await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert_eq!(reply.rejection, Some(Rejection::Rotated));
    assert_eq!(reply.body, "");
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.read(&after.into_inner().unwrap(), "cart").await, Some(3));
}

#[tokio::test]
async fn se_10_a_session_is_no_younger_than_the_event_that_it_rests_on() {
    let fixture = Fixture::new();
    let event = Timestamp::from_unix_seconds(fixture.time.now().as_unix_seconds() - 3600);
    let reply = fixture
        .send(None, move |session| async move {
            let identity = Identity::local("alice").authenticated_at(event).acr("aal2").build();
            session.login(identity)?;
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    fixture
        .send(Some(&cookie), move |session| async move {
            let identity = session.identity()?.unwrap();
            assert_eq!(identity.authenticated_at(), Some(event));
            assert_eq!(identity.acr(), Some("aal2"));
            Ok(String::new())
        })
        .await;
    // 24 hours after the authentication, not after the login, with continuous use.
    for _ in 0..46 {
        fixture.time.advance(Duration::from_secs(1799));
        fixture.who(&cookie).await;
    }
    let left = event + Duration::from_secs(24 * 3600);
    fixture.time.set(Timestamp::from_unix_micros(left.as_unix_micros() - 1));
    assert_eq!(fixture.who(&cookie).await, "alice");
    fixture.time.set(left);
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn se_05_no_event_is_yet_to_come() {
    let fixture = Fixture::new();
    let (now, month) = (fixture.time.now(), Duration::from_secs(30 * 24 * 3600));
    let reply = fixture
        .send(None, move |session| async move {
            session.login(Identity::local("alice").authenticated_at(now + month).build())?;
            assert_eq!(session.identity()?.unwrap().authenticated_at(), Some(now));
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    for _ in 0..48 {
        fixture.time.advance(Duration::from_secs(1799));
        fixture.who(&cookie).await;
    }
    fixture.time.set(now + Duration::from_secs(24 * 3600));
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn the_local_issuer_is_named_once() {
    let fixture = Fixture::with_settings(|it| it.issuer("https://shop.example"));
    let cookie = fixture.login(None, "alice").await;
    fixture
        .send(Some(&cookie), |session| async move {
            assert_eq!(session.identity()?.unwrap().issuer(), "https://shop.example");
            // The same principal logs in again.
            session.insert("a", &1)?;
            session.login(Identity::local("alice").build())?;
            assert_eq!(session.get("a")?, Some(1));
            Ok(String::new())
        })
        .await;
}

#[tokio::test]
async fn the_extensions_hold_the_identity_with_its_proof() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let service = tower::service_fn(|request: http::Request<()>| async move {
        let identity = request.extensions().get::<Identity>().unwrap();
        assert_eq!(identity.method(), crate::AuthMethod::Session);
        assert!(identity.has_role("user"));
        assert!(identity.session().is_some() && identity.expires_at().is_some());
        Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
    });
    let service = tower_layer::Layer::layer(&fixture.layer, service);
    tower::ServiceExt::oneshot(service, request(Some(&cookie))).await.unwrap();
}

#[tokio::test]
async fn a_failed_commit_takes_the_login_and_its_cookie_back() {
    let fixture = Fixture::new();
    fixture.store.down();
    let reply = send(&fixture.layer, request(None), |session| async move {
        session.login(Identity::local("alice").build())?;
        assert!(matches!(session.commit().await, Err(SessionError::Unavailable)));
        assert!(session.identity()?.is_none());
        Ok(String::new())
    })
    .await;
    assert_eq!(reply.status, StatusCode::OK);
    assert!(reply.set_cookies().is_empty());
}

#[tokio::test]
async fn what_is_written_between_two_logins_of_one_principal_is_kept() {
    let fixture = Fixture::new();
    let alice = fixture.login(None, "alice").await;
    fixture.put(Some(&alice), "secret", 1).await;
    let visitor = fixture.put(None, "secret", 3).await.credential().unwrap();
    fixture.login(Some(&visitor), "carol").await;
    // In place of another principal, under a renewed secret, and without a session.
    for cookie in [Some(&alice), Some(&visitor), None] {
        let reply = fixture
            .send(cookie.map(String::as_str), |session| async move {
                session.login(Identity::local("bob").build())?;
                session.insert("bobs", &3)?;
                session.login(Identity::local("bob").acr("aal2").build())?;
                // The request reads the same value as the next request.
                assert_eq!(session.get::<u32>("bobs")?, Some(3));
                Ok(String::new())
            })
            .await;
        let bob = reply.credential().unwrap();
        assert_eq!(fixture.read(&bob, "bobs").await, Some(3));
        // No data of the previous principal.
        assert_eq!(fixture.read(&bob, "secret").await, None);
    }
    assert_eq!(fixture.who(&alice).await, "anonymous");
}

#[tokio::test]
async fn what_a_visitor_writes_and_then_logs_in_comes_along() {
    let fixture = Fixture::new();
    let reply = fixture
        .send(None, |session| async move {
            session.insert("cart", &3)?;
            session.login(Identity::local("alice").build())?;
            Ok(String::new())
        })
        .await;
    let alice = reply.credential().unwrap();
    assert_eq!(
        (fixture.who(&alice).await, fixture.read(&alice, "cart").await),
        ("alice".into(), Some(3))
    );
}

#[tokio::test]
async fn se_08_a_session_is_its_principals_from_the_login_on() {
    let fixture = Fixture::new();
    let owned = async |identity: Identity| {
        let kinds = RecordKinds::Only(RecordKind::Session);
        let page =
            fixture.store.list(ListParams::new(owner(&identity), 10).kinds(kinds)).await.unwrap();
        page.entries.len()
    };
    let of =
        |issuer: &str, subject: &str| Identity::builder(Principal::new(issuer, subject)).build();
    let visitor = fixture.put(None, "cart", 3).await.credential().unwrap();
    fixture.login(Some(&visitor), "alice").await;
    fixture.login(None, "alice").await;
    assert_eq!(owned(Identity::local("alice").build()).await, 2);
    // Issuer and subject, and the boundary between them.
    for (issuer, subject) in [("local", "bob"), ("other", "alice"), ("loca", "lalice")] {
        assert_eq!(owned(of(issuer, subject)).await, 0, "{issuer} {subject}");
    }
    let client = Identity::builder(Principal::client("local", "alice")).build();
    assert_eq!(owned(client).await, 0, "a client");
}

#[tokio::test]
async fn se_10_a_login_that_would_be_over_already_is_refused() {
    let fixture = Fixture::new();
    let day = 24 * 3600;
    let at = move |fixture: &Fixture, ago: u64| {
        Timestamp::from_unix_seconds(fixture.time.now().as_unix_seconds() - ago)
    };
    for (ago, status) in [(day, StatusCode::UNAUTHORIZED), (day - 1, StatusCode::OK)] {
        let event = at(&fixture, ago);
        let reply = fixture
            .send(None, move |session| async move {
                session.insert("kept", &1)?;
                session.login(Identity::local("alice").authenticated_at(event).build())?;
                Ok(String::new())
            })
            .await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn an_identity_without_a_subject_is_not_logged_in() {
    let fixture = Fixture::new();
    let reply = fixture
        .send(None, |session| async move {
            let anonymous = session.login(Identity::local("").build());
            assert!(matches!(anonymous, Err(SessionError::NoSubject)));
            Ok(String::new())
        })
        .await;
    assert!(reply.set_cookies().is_empty());
    assert_eq!(fixture.store.steps().total(), 0);
}
