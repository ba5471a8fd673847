//! The sessions of a user, listed and ended from outside.

use std::time::Duration;

use tower_auth_core::Principal;
use tower_auth_test::intercept::with_limits;
use tower_auth_test::{EventLog, Step, Steps};

use super::fixture::{Fixture, who};
use crate::session::{SessionConfigError, SessionError, SessionLayer, Sessions};
use crate::store::{EndReason, Key, Load, RecordId, RecordKind, Store};

fn alice() -> Principal {
    Principal::local("alice")
}

fn sessions(fixture: &Fixture) -> Sessions {
    fixture.layer.sessions().unwrap()
}

async fn name(fixture: &Fixture, cookie: &str) -> RecordId {
    let say = async |session: crate::Session| Ok(session.id().unwrap().to_string());
    fixture.send(Some(cookie), say).await.body.parse().unwrap()
}

#[tokio::test]
async fn se_08_a_list_has_what_its_owner_may_know_the_last_used_first() {
    let fixture = Fixture::new();
    let first = fixture.login(None, "alice").await;
    fixture.put(Some(&first), "device", 1).await;
    fixture.time.advance(Duration::from_secs(60));
    let second = fixture.login(None, "alice").await;
    fixture.login(None, "bob").await;
    fixture.put(None, "anonymous", 1).await;

    let list = sessions(&fixture).list(&alice()).await.unwrap();
    let names: Vec<_> = list.iter().map(|it| it.id()).collect();
    assert_eq!(names, [name(&fixture, &second).await, name(&fixture, &first).await]);
    let [_, listed] = &list[..] else { unreachable!() };
    assert_eq!(listed.get::<u32>("device").unwrap(), Some(1));
    assert_eq!(listed.get::<u32>("colour").unwrap(), None);
    assert!(matches!(listed.get::<String>("device"), Err(SessionError::Decode { .. })));
    let identity = listed.identity().unwrap();
    assert_eq!(identity.subject(), "alice");
    assert_eq!(identity.session(), Some(listed.id()));
    assert_eq!(listed.created_at(), listed.last_used_at());
    assert_eq!(listed.expires_at(), listed.last_used_at() + Duration::from_secs(30 * 60));
    assert!(!format!("{listed:?}").contains("alice"));
}

#[tokio::test]
async fn se_08_a_list_is_read_to_its_end() {
    let fixture = Fixture::new();
    for _ in 0..101 {
        fixture.login(None, "alice").await;
    }
    fixture.store.reset_steps();
    assert_eq!(sessions(&fixture).list(&alice()).await.unwrap().len(), 101);
    assert_eq!(fixture.store.steps(), Steps::of([Step::List, Step::List]));
}

#[tokio::test]
async fn se_08_one_that_is_ended_is_no_ones_from_then_on() {
    let fixture = Fixture::new();
    let (kicked, stays) = (fixture.login(None, "alice").await, fixture.login(None, "alice").await);
    let kicked_name = name(&fixture, &kicked).await;
    fixture.store.reset_steps();
    assert!(sessions(&fixture).end(&alice(), kicked_name).await.unwrap());
    assert_eq!(fixture.store.steps(), Steps::of([Step::Load, Step::End]));
    assert_eq!(fixture.who(&kicked).await, "anonymous");
    assert_eq!(fixture.who(&stays).await, "alice");
    let key = Key::new(RecordKind::Session, kicked_name);
    let left = fixture.store.load(&key).await.unwrap();
    assert!(matches!(left, Load::Ended { reason: EndReason::Kicked, .. }));
    assert!(
        !sessions(&fixture).end(&alice(), kicked_name).await.unwrap(),
        "the session has already ended"
    );
}

/// The second call must not report success just because the primary shows the first call's end: in
/// this store, replicas confirm ends.
#[tokio::test]
async fn se_08_what_was_ended_is_ended_again() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let name = name(&fixture, &cookie).await;
    assert!(sessions(&fixture).end(&alice(), name).await.unwrap());
    fixture.store.reset_steps();
    assert!(!sessions(&fixture).end(&alice(), name).await.unwrap());
    assert_eq!(fixture.store.steps(), Steps::of([Step::Load, Step::End]));
}

#[tokio::test]
async fn se_08_no_one_ends_what_is_not_theirs() {
    let fixture = Fixture::new();
    let bob = fixture.login(None, "bob").await;
    let anonymous = fixture.put(None, "colour", 1).await.credential().unwrap();
    let unknown = RecordId::new([9; 16]);
    for name in [name(&fixture, &bob).await, name(&fixture, &anonymous).await, unknown] {
        assert!(!sessions(&fixture).end(&alice(), name).await.unwrap());
    }
    assert_eq!(fixture.who(&bob).await, "bob");
    assert_eq!(fixture.read(&anonymous, "colour").await, Some(1));
    // The same subject of another issuer is another principal; so is a client of the same name.
    let elsewhere = Principal::new("https://id.example", "bob");
    let client = Principal::client(Principal::LOCAL_ISSUER, "bob");
    for namesake in [elsewhere, client] {
        assert!(!sessions(&fixture).end(&namesake, name(&fixture, &bob).await).await.unwrap());
        assert_eq!(sessions(&fixture).end_all(&namesake, None).await.unwrap(), 0);
        assert!(sessions(&fixture).list(&namesake).await.unwrap().is_empty());
    }
    assert_eq!(fixture.who(&bob).await, "bob");
}

#[tokio::test]
async fn se_08_all_but_this_one_and_then_all() {
    let fixture = Fixture::new();
    let mut cookies = Vec::new();
    for _ in 0..3 {
        cookies.push(fixture.login(None, "alice").await);
    }
    let bob = fixture.login(None, "bob").await;
    let this = name(&fixture, &cookies[0]).await;
    let sessions = sessions(&fixture);
    fixture.store.reset_steps();
    assert_eq!(sessions.end_all(&alice(), Some(this)).await.unwrap(), 2);
    assert_eq!(fixture.store.steps(), Steps::of([Step::EndOwned]));
    assert_eq!(fixture.who(&cookies[0]).await, "alice");
    assert_eq!(fixture.who(&cookies[1]).await, "anonymous");
    assert_eq!(fixture.who(&cookies[2]).await, "anonymous");
    assert_eq!(sessions.end_all(&alice(), None).await.unwrap(), 1);
    assert_eq!(fixture.who(&cookies[0]).await, "anonymous");
    assert!(sessions.list(&alice()).await.unwrap().is_empty());
    assert_eq!(fixture.who(&bob).await, "bob");
}

#[tokio::test]
async fn se_08_a_write_in_flight_does_not_bring_it_back() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let (sessions, outer) = (sessions(&fixture), &fixture);
    let reply = fixture
        .send(Some(&cookie), move |session| {
            let sessions = sessions.clone();
            async move {
                session.insert("late", &1_u32)?;
                // Another request ends the sessions.
                let end = move |_| {
                    let sessions = sessions.clone();
                    async move { sessions.end_all(&alice(), None).await.map(|n| n.to_string()) }
                };
                assert_eq!(outer.send(None, end).await.body, "1");
                Ok(String::new())
            }
        })
        .await;
    assert_eq!(reply.status, 401);
    assert!(reply.removes(), "the response removes the dead cookie");
    assert_eq!(fixture.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn se_08_a_local_principal_and_the_applications_name_are_one() {
    let fixture = Fixture::with_settings(|it| it.issuer("https://shop.example"));
    let cookie = fixture.login(None, "alice").await;
    let identity =
        async |session: crate::Session| Ok(session.identity()?.unwrap().issuer().to_owned());
    assert_eq!(fixture.send(Some(&cookie), identity).await.body, "https://shop.example");
    let sessions = sessions(&fixture);
    let named = Principal::new("https://shop.example", "alice");
    assert_eq!(sessions.list(&named).await.unwrap().len(), 1);
    assert_eq!(sessions.list(&alice()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn se_08_a_store_that_does_not_answer_is_no_empty_list() {
    let fixture = Fixture::new();
    let cookie = fixture.login(None, "alice").await;
    let name = name(&fixture, &cookie).await;
    let sessions = sessions(&fixture);
    fixture.store.down();
    let unavailable = |error| matches!(error, SessionError::Unavailable);
    assert!(unavailable(sessions.list(&alice()).await.unwrap_err()));
    assert!(unavailable(sessions.end(&alice(), name).await.unwrap_err()));
    assert!(unavailable(sessions.end_all(&alice(), None).await.unwrap_err()));
    fixture.store.up();
    assert_eq!(fixture.who(&cookie).await, "alice");
}

#[tokio::test]
async fn se_20_a_kick_is_told() {
    let log = EventLog::new();
    let fixture = Fixture::with_settings(|it| it.events(log.events()));
    let cookie = fixture.login(None, "alice").await;
    let name = name(&fixture, &cookie).await;
    log.take();
    let sessions = sessions(&fixture);
    assert_eq!(sessions.end_all(&Principal::local("bob"), None).await.unwrap(), 0);
    assert!(log.take().is_empty(), "nothing was ended");
    sessions.end(&alice(), name).await.unwrap();
    let line = log.take().concat();
    assert!(line.starts_with("INFO session_kicked SessionLayer record="), "{line}");
}

#[tokio::test]
async fn se_08_who_cannot_list_says_so_when_it_is_built() {
    let fixture = Fixture::new();
    let store = with_limits(fixture.store.clone(), |limits| limits.lists(false));
    let layer = SessionLayer::new(store, &fixture.keys);
    assert_eq!(layer.sessions().unwrap_err(), SessionConfigError::StoreCannotList);
    let reply = super::fixture::send(&layer, super::fixture::request(None), who).await;
    assert_eq!(reply.body, "anonymous", "a session needs no list");
}
