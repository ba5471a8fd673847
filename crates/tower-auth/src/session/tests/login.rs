//! Login, and the renewal of the secret.

use std::time::Duration;

use http::StatusCode;
use tower_auth_core::store::{Kind, Kinds, ListParams, Store as _};
use tower_auth_core::{Identity, Principal, Rejection, Timestamp};

use super::world::{World, request, send, who};
use crate::principal::owner;
use crate::session::SessionError;

#[tokio::test]
async fn se_02_se_04_login_renews_the_secret_and_the_old_one_is_dead() {
    let world = World::new();
    let before = world.put(None, "cart", 3).await.credential().unwrap();
    let after = world.login(Some(&before), "alice").await;
    assert_ne!(before, after);
    assert_eq!(world.who(&after).await, "alice");
    // The login kept the anonymous session's data.
    assert_eq!(world.read(&after, "cart").await, Some(3));
    // The old credential proves nothing and reads nothing.
    assert_eq!(world.who(&before).await, "anonymous");
    assert_eq!(world.read(&before, "cart").await, None);
}

#[tokio::test]
async fn d18_the_old_credential_writes_nothing_either() {
    let world = World::new();
    let before = world.put(None, "cart", 3).await.credential().unwrap();
    let after = world.login(Some(&before), "alice").await;
    let reply = world
        .send(Some(&before), |session| async move {
            // The call itself fails, not only the finished response.
            assert!(matches!(session.remove("cart"), Err(SessionError::Rotated)));
            session.insert("cart", &666)?;
            panic!("accepted");
        })
        .await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert!(reply.set_cookies().is_empty());
    assert_eq!(world.read(&after, "cart").await, Some(3));
}

#[tokio::test]
async fn a_renewed_credential_keeps_its_cookie_for_a_minute_and_is_unknown_then() {
    let world = World::new();
    let before = world.put(None, "cart", 3).await.credential().unwrap();
    world.login(Some(&before), "alice").await;
    world.time.advance(Duration::from_micros(59_999_999));
    let reply = world.put(Some(&before), "cart", 1).await;
    assert_eq!((reply.status, reply.removes()), (StatusCode::CONFLICT, false));
    world.time.advance(Duration::from_micros(1));
    let reply = world.send(Some(&before), who).await;
    assert!(reply.removes());
    // A write starts a new session.
    let fresh = world.put(Some(&before), "cart", 1).await.credential().unwrap();
    assert_eq!(world.read(&fresh, "cart").await, Some(1));
    assert_eq!(world.who(&fresh).await, "anonymous");
}

#[tokio::test]
async fn se_05_the_same_principal_again_keeps_the_data_and_restarts_both_timeouts() {
    let world = World::with(|builder| {
        let hours = |n: u64| Duration::from_secs(n * 3600);
        builder.idle_timeout(hours(2)).absolute_timeout(hours(3))
    });
    let first = world.login(None, "alice").await;
    world.put(Some(&first), "a", 1).await;
    world.time.advance(Duration::from_secs(3600));
    let second = world.login(Some(&first), "alice").await;
    assert_eq!(world.who(&first).await, "anonymous");
    // Beyond the first login's absolute deadline, with use in between.
    for _ in 0..2 {
        world.time.advance(Duration::from_secs(3600 + 1200));
        assert_eq!(world.who(&second).await, "alice");
    }
    assert_eq!(world.read(&second, "a").await, Some(1));
    world.time.advance(Duration::from_secs(1200));
    assert_eq!(world.who(&second).await, "anonymous");
}

#[tokio::test]
async fn another_principal_ends_the_old_session_and_starts_empty() {
    let world = World::new();
    let alice = world.login(None, "alice").await;
    world.put(Some(&alice), "secret", 1).await;
    let reply = world
        .send(Some(&alice), |session| async move {
            session.insert("secret", &2)?;
            session.login(Identity::local("bob").build())?;
            assert_eq!(session.get::<u32>("secret")?, None);
            session.insert("bobs", &3)?;
            Ok(String::new())
        })
        .await;
    let bob = reply.credential().unwrap();
    assert_eq!(world.who(&bob).await, "bob");
    assert_eq!(world.read(&bob, "secret").await, None);
    assert_eq!(world.read(&bob, "bobs").await, Some(3));
    assert_eq!(world.who(&alice).await, "anonymous");
    // The response to the old cookie must not remove the new one.
    assert!(!world.send(Some(&alice), who).await.removes());
}

#[tokio::test]
async fn data_of_an_anonymous_visitor_reaches_only_the_first_who_logs_in() {
    let world = World::new();
    let visitor = world.put(None, "cart", 3).await.credential().unwrap();
    let reply = world
        .send(Some(&visitor), |session| async move {
            session.login(Identity::local("alice").build())?;
            session.insert("alices", &1)?;
            session.login(Identity::local("bob").build())?;
            Ok(String::new())
        })
        .await;
    let bob = reply.credential().unwrap();
    assert_eq!(world.who(&bob).await, "bob");
    assert_eq!(world.read(&bob, "cart").await, None);
    assert_eq!(world.read(&bob, "alices").await, None);
    assert_eq!(world.who(&visitor).await, "anonymous");
}

#[tokio::test]
async fn the_same_subject_of_another_issuer_is_another_principal() {
    let world = World::new();
    let alice = world.login(None, "alice").await;
    world.put(Some(&alice), "secret", 1).await;
    let reply = world
        .send(Some(&alice), |session| async move {
            let other = crate::Principal::new("https://id.example", "alice");
            session.login(Identity::builder(other).build())?;
            Ok(String::new())
        })
        .await;
    assert_eq!(world.read(&reply.credential().unwrap(), "secret").await, None);
    assert_eq!(world.who(&alice).await, "anonymous");
}

#[tokio::test]
async fn two_logins_at_once_both_succeed() {
    let world = World::new();
    let before = world.put(None, "cart", 3).await.credential().unwrap();
    let (outer, inner) = (&world, before.clone());
    let second = std::sync::Mutex::new(String::new());
    let (slot, world_ref) = (&second, &world);
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
        (world.who(&first).await, world.who(&second).await),
        ("alice".into(), "alice".into())
    );
    // The winner kept the cart. The other session is new, with the values written since its login.
    assert_eq!(world.read(&second, "cart").await, Some(3));
    assert_eq!(world.read(&first, "cart").await, None);
    assert_eq!(world.read(&first, "early").await, None);
    assert_eq!(world.read(&first, "late").await, Some(2));
    // The cookie is set once.
    assert_eq!(reply.set_cookies().len(), 1);
}

#[tokio::test]
async fn a_login_beside_a_first_commit_keeps_its_cookie() {
    let world = World::new();
    world.store.pending_once();
    let reply = world
        .send(None, |session| async move {
            session.insert("a", &1)?;
            // The commit waits for the store while the login is made.
            let log_in = async { session.login(Identity::local("alice").build()) };
            let (committed, logged_in) = tokio::join!(session.commit(), log_in);
            committed.and(logged_in).map(|()| String::new())
        })
        .await;
    assert_eq!(reply.set_cookies().len(), 1);
    assert_eq!(world.who(&reply.credential().unwrap()).await, "alice");
}

#[tokio::test]
async fn a_login_under_a_renewed_secret_starts_a_fresh_session() {
    let world = World::new();
    let before = world.put(None, "cart", 3).await.credential().unwrap();
    world.login(Some(&before), "alice").await;
    let again = world.login(Some(&before), "alice").await;
    assert_eq!(world.who(&again).await, "alice");
    assert_eq!(world.read(&again, "cart").await, None);
}

#[tokio::test]
async fn a_change_that_meets_a_login_is_refused_and_nothing_of_it_is_left() {
    let world = World::new();
    let before = world.put(None, "cart", 3).await.credential().unwrap();
    let (outer, inner) = (&world, before.clone());
    let after = std::sync::Mutex::new(String::new());
    let slot = &after;
    let reply = world
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
    assert_eq!(world.read(&after.into_inner().unwrap(), "cart").await, Some(3));
}

#[tokio::test]
async fn se_10_a_session_is_no_younger_than_the_event_that_it_rests_on() {
    let world = World::new();
    let event = Timestamp::from_unix_seconds(world.time.now().as_unix_seconds() - 3600);
    let reply = world
        .send(None, move |session| async move {
            let identity = Identity::local("alice").authenticated_at(event).acr("aal2").build();
            session.login(identity)?;
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    world
        .send(Some(&cookie), move |session| async move {
            let identity = session.identity()?.unwrap();
            assert_eq!(identity.authenticated_at(), Some(event));
            assert_eq!(identity.acr(), Some("aal2"));
            Ok(String::new())
        })
        .await;
    // 24 hours after the authentication, not after the login, with continuous use.
    for _ in 0..46 {
        world.time.advance(Duration::from_secs(1799));
        world.who(&cookie).await;
    }
    let left = event + Duration::from_secs(24 * 3600);
    world.time.set(Timestamp::from_unix_micros(left.as_unix_micros() - 1));
    assert_eq!(world.who(&cookie).await, "alice");
    world.time.set(left);
    assert_eq!(world.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn se_05_no_event_is_yet_to_come() {
    let world = World::new();
    let (now, month) = (world.time.now(), Duration::from_secs(30 * 24 * 3600));
    let reply = world
        .send(None, move |session| async move {
            session.login(Identity::local("alice").authenticated_at(now + month).build())?;
            assert_eq!(session.identity()?.unwrap().authenticated_at(), Some(now));
            Ok(String::new())
        })
        .await;
    let cookie = reply.credential().unwrap();
    for _ in 0..48 {
        world.time.advance(Duration::from_secs(1799));
        world.who(&cookie).await;
    }
    world.time.set(now + Duration::from_secs(24 * 3600));
    assert_eq!(world.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn the_local_issuer_is_named_once() {
    let world = World::with_settings(|it| it.issuer("https://shop.example"));
    let cookie = world.login(None, "alice").await;
    world
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
    let world = World::new();
    let cookie = world.login(None, "alice").await;
    let service = tower::service_fn(|request: http::Request<()>| async move {
        let identity = request.extensions().get::<Identity>().unwrap();
        assert_eq!(identity.method(), crate::Method::Session);
        assert!(identity.has_role("user"));
        assert!(identity.session().is_some() && identity.expires_at().is_some());
        Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
    });
    let service = tower_layer::Layer::layer(&world.layer, service);
    tower::ServiceExt::oneshot(service, request(Some(&cookie))).await.unwrap();
}

#[tokio::test]
async fn a_failed_commit_takes_the_login_and_its_cookie_back() {
    let world = World::new();
    world.store.down();
    let reply = send(&world.layer, request(None), |session| async move {
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
    let world = World::new();
    let alice = world.login(None, "alice").await;
    world.put(Some(&alice), "secret", 1).await;
    let visitor = world.put(None, "secret", 3).await.credential().unwrap();
    world.login(Some(&visitor), "carol").await;
    // In place of another principal, under a renewed secret, and without a session.
    for cookie in [Some(&alice), Some(&visitor), None] {
        let reply = world
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
        assert_eq!(world.read(&bob, "bobs").await, Some(3));
        // No data of the previous principal.
        assert_eq!(world.read(&bob, "secret").await, None);
    }
    assert_eq!(world.who(&alice).await, "anonymous");
}

#[tokio::test]
async fn what_a_visitor_writes_and_then_logs_in_comes_along() {
    let world = World::new();
    let reply = world
        .send(None, |session| async move {
            session.insert("cart", &3)?;
            session.login(Identity::local("alice").build())?;
            Ok(String::new())
        })
        .await;
    let alice = reply.credential().unwrap();
    assert_eq!(
        (world.who(&alice).await, world.read(&alice, "cart").await),
        ("alice".into(), Some(3))
    );
}

#[tokio::test]
async fn se_08_a_session_is_its_principals_from_the_login_on() {
    let world = World::new();
    let owned = async |identity: Identity| {
        let kinds = Kinds::Only(Kind::Session);
        let page = world
            .store
            .list(ListParams::new(owner(identity.issuer(), identity.subject()), 10).kinds(kinds))
            .await
            .unwrap();
        page.entries.len()
    };
    let of =
        |issuer: &str, subject: &str| Identity::builder(Principal::new(issuer, subject)).build();
    let visitor = world.put(None, "cart", 3).await.credential().unwrap();
    world.login(Some(&visitor), "alice").await;
    world.login(None, "alice").await;
    assert_eq!(owned(Identity::local("alice").build()).await, 2);
    // Issuer and subject, and the boundary between them.
    for (issuer, subject) in [("local", "bob"), ("other", "alice"), ("loca", "lalice")] {
        assert_eq!(owned(of(issuer, subject)).await, 0, "{issuer} {subject}");
    }
}

#[tokio::test]
async fn se_10_a_login_that_would_be_over_already_is_refused() {
    let world = World::new();
    let day = 24 * 3600;
    let at = move |world: &World, ago: u64| {
        Timestamp::from_unix_seconds(world.time.now().as_unix_seconds() - ago)
    };
    for (ago, status) in [(day, StatusCode::UNAUTHORIZED), (day - 1, StatusCode::OK)] {
        let event = at(&world, ago);
        let reply = world
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
    let world = World::new();
    let reply = world
        .send(None, |session| async move {
            let nobody = session.login(Identity::local("").build());
            assert!(matches!(nobody, Err(SessionError::NoSubject)));
            Ok(String::new())
        })
        .await;
    assert!(reply.set_cookies().is_empty());
    assert_eq!(world.store.steps().total(), 0);
}
