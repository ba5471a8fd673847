//! The sessions of a user, listed and ended from outside.

use std::time::Duration;

use tower_auth_core::Principal;
use tower_auth_test::intercept::with_limits;
use tower_auth_test::{EventLog, Step, Steps};

use super::world::{World, who};
use crate::session::{ConfigError, SessionError, SessionLayer, Sessions};
use crate::store::{Handle, Key, Kind, Load, Reason, Store};

fn alice() -> Principal {
    Principal::local("alice")
}

fn sessions(world: &World) -> Sessions {
    world.layer.sessions().unwrap()
}

async fn name(world: &World, cookie: &str) -> Handle {
    let say = async |session: crate::Session| Ok(session.name().unwrap().to_string());
    world.send(Some(cookie), say).await.body.parse().unwrap()
}

#[tokio::test]
async fn se_08_a_list_has_what_its_owner_may_know_the_last_used_first() {
    let world = World::new();
    let first = world.login(None, "alice").await;
    world.put(Some(&first), "device", 1).await;
    world.time.advance(Duration::from_secs(60));
    let second = world.login(None, "alice").await;
    world.login(None, "bob").await;
    world.put(None, "nobody", 1).await;

    let list = sessions(&world).list(&alice()).await.unwrap();
    let names: Vec<_> = list.iter().map(|it| it.name()).collect();
    assert_eq!(names, [name(&world, &second).await, name(&world, &first).await]);
    let [_, listed] = &list[..] else { unreachable!() };
    assert_eq!(listed.get::<u32>("device").unwrap(), Some(1));
    assert_eq!(listed.get::<u32>("colour").unwrap(), None);
    assert!(matches!(listed.get::<String>("device"), Err(SessionError::Decode { .. })));
    let identity = listed.identity().unwrap();
    assert_eq!(identity.subject(), "alice");
    assert_eq!(identity.session(), Some(listed.name()));
    assert_eq!(listed.created_at(), listed.last_used_at());
    assert_eq!(listed.expires_at(), listed.last_used_at() + Duration::from_secs(30 * 60));
    assert!(!format!("{listed:?}").contains("alice"));
}

#[tokio::test]
async fn se_08_a_list_is_read_to_its_end() {
    let world = World::new();
    for _ in 0..101 {
        world.login(None, "alice").await;
    }
    world.store.reset_steps();
    assert_eq!(sessions(&world).list(&alice()).await.unwrap().len(), 101);
    assert_eq!(world.store.steps(), Steps::of([Step::List, Step::List]));
}

#[tokio::test]
async fn se_08_one_that_is_ended_is_nobodys_from_then_on() {
    let world = World::new();
    let (kicked, stays) = (world.login(None, "alice").await, world.login(None, "alice").await);
    let kicked_name = name(&world, &kicked).await;
    world.store.reset_steps();
    assert!(sessions(&world).end(&alice(), kicked_name).await.unwrap());
    assert_eq!(world.store.steps(), Steps::of([Step::Load, Step::End]));
    assert_eq!(world.who(&kicked).await, "anonymous");
    assert_eq!(world.who(&stays).await, "alice");
    let key = Key::new(Kind::Session, kicked_name);
    let left = world.store.load(&key).await.unwrap();
    assert!(matches!(left, Load::Ended { reason: Reason::Kicked, .. }));
    assert!(
        !sessions(&world).end(&alice(), kicked_name).await.unwrap(),
        "the session has already ended"
    );
}

/// The second call must not report success just because the primary shows the first call's end: in
/// this store, replicas confirm ends.
#[tokio::test]
async fn se_08_what_was_ended_is_ended_again() {
    let world = World::new();
    let cookie = world.login(None, "alice").await;
    let name = name(&world, &cookie).await;
    assert!(sessions(&world).end(&alice(), name).await.unwrap());
    world.store.reset_steps();
    assert!(!sessions(&world).end(&alice(), name).await.unwrap());
    assert_eq!(world.store.steps(), Steps::of([Step::Load, Step::End]));
}

#[tokio::test]
async fn se_08_nobody_ends_what_is_not_theirs() {
    let world = World::new();
    let bob = world.login(None, "bob").await;
    let anonymous = world.put(None, "colour", 1).await.credential().unwrap();
    let unknown = Handle::new([9; 16]);
    for name in [name(&world, &bob).await, name(&world, &anonymous).await, unknown] {
        assert!(!sessions(&world).end(&alice(), name).await.unwrap());
    }
    assert_eq!(world.who(&bob).await, "bob");
    assert_eq!(world.read(&anonymous, "colour").await, Some(1));
    // The same subject of another issuer is another principal.
    let namesake = Principal::new("https://id.example", "bob");
    assert!(!sessions(&world).end(&namesake, name(&world, &bob).await).await.unwrap());
    assert_eq!(sessions(&world).end_all(&namesake, None).await.unwrap(), 0);
    assert_eq!(world.who(&bob).await, "bob");
}

#[tokio::test]
async fn se_08_all_but_this_one_and_then_all() {
    let world = World::new();
    let mut cookies = Vec::new();
    for _ in 0..3 {
        cookies.push(world.login(None, "alice").await);
    }
    let bob = world.login(None, "bob").await;
    let this = name(&world, &cookies[0]).await;
    let sessions = sessions(&world);
    world.store.reset_steps();
    assert_eq!(sessions.end_all(&alice(), Some(this)).await.unwrap(), 2);
    assert_eq!(world.store.steps(), Steps::of([Step::EndOwned]));
    assert_eq!(world.who(&cookies[0]).await, "alice");
    assert_eq!(world.who(&cookies[1]).await, "anonymous");
    assert_eq!(world.who(&cookies[2]).await, "anonymous");
    assert_eq!(sessions.end_all(&alice(), None).await.unwrap(), 1);
    assert_eq!(world.who(&cookies[0]).await, "anonymous");
    assert!(sessions.list(&alice()).await.unwrap().is_empty());
    assert_eq!(world.who(&bob).await, "bob");
}

#[tokio::test]
async fn se_08_a_write_in_flight_does_not_bring_it_back() {
    let world = World::new();
    let cookie = world.login(None, "alice").await;
    let (sessions, outer) = (sessions(&world), &world);
    let reply = world
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
    assert_eq!(world.who(&cookie).await, "anonymous");
}

#[tokio::test]
async fn se_08_a_local_principal_and_the_applications_name_are_one() {
    let world = World::with_settings(|it| it.issuer("https://shop.example"));
    let cookie = world.login(None, "alice").await;
    let identity =
        async |session: crate::Session| Ok(session.identity()?.unwrap().issuer().to_owned());
    assert_eq!(world.send(Some(&cookie), identity).await.body, "https://shop.example");
    let sessions = sessions(&world);
    let named = Principal::new("https://shop.example", "alice");
    assert_eq!(sessions.list(&named).await.unwrap().len(), 1);
    assert_eq!(sessions.list(&alice()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn se_08_a_store_that_does_not_answer_is_no_empty_list() {
    let world = World::new();
    let cookie = world.login(None, "alice").await;
    let name = name(&world, &cookie).await;
    let sessions = sessions(&world);
    world.store.down();
    let unavailable = |error| matches!(error, SessionError::Unavailable);
    assert!(unavailable(sessions.list(&alice()).await.unwrap_err()));
    assert!(unavailable(sessions.end(&alice(), name).await.unwrap_err()));
    assert!(unavailable(sessions.end_all(&alice(), None).await.unwrap_err()));
    world.store.up();
    assert_eq!(world.who(&cookie).await, "alice");
}

#[tokio::test]
async fn se_20_a_kick_is_told() {
    let log = EventLog::new();
    let world = World::with_settings(|it| it.events(log.events()));
    let cookie = world.login(None, "alice").await;
    let name = name(&world, &cookie).await;
    log.take();
    let sessions = sessions(&world);
    assert_eq!(sessions.end_all(&Principal::local("bob"), None).await.unwrap(), 0);
    assert!(log.take().is_empty(), "nothing was ended");
    sessions.end(&alice(), name).await.unwrap();
    let line = log.take().concat();
    assert!(line.starts_with("INFO session_kicked SessionLayer record="), "{line}");
}

#[tokio::test]
async fn se_08_who_cannot_list_says_so_when_it_is_built() {
    let world = World::new();
    let store = with_limits(world.store.clone(), |limits| limits.lists(false));
    let layer = SessionLayer::new(store, &world.keys);
    assert_eq!(layer.sessions().unwrap_err(), ConfigError::StoreCannotList);
    let reply = super::world::send(&layer, super::world::request(None), who).await;
    assert_eq!(reply.body, "anonymous", "a session needs no list");
}
