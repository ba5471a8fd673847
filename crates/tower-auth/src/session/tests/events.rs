//! What is told of sessions.

use tower_auth_core::Identity;
use tower_auth_test::EventLog;

use super::world::World;

fn alice() -> Identity {
    Identity::local("alice").build()
}

#[tokio::test]
async fn se_20_a_sessions_life_is_told_by_its_name() {
    let log = EventLog::new();
    let world = World::with(|builder| builder.events(log.events()));
    let cookie = world.login(None, "alice").await;
    let lines = log.take();
    let [created, login] = &lines[..] else { panic!("{lines:?}") };
    let record = created.strip_prefix("DEBUG session_created SessionLayer record=").unwrap();
    assert_eq!(login, &format!("INFO session_login SessionLayer record={record} subject=alice"));
    assert!(!cookie.contains(record), "the name is not the credential");

    let read = async |session: crate::Session| {
        session.get::<u32>("n")?;
        Ok(String::new())
    };
    world.send(Some(&cookie), read).await;
    assert!(log.take().is_empty(), "what goes well is no event");

    world
        .send(Some(&cookie), async |session| {
            session.login(alice())?;
            Ok(String::new())
        })
        .await;
    let renewed = format!("INFO session_login SessionLayer record={record} subject=alice");
    assert_eq!(log.take(), [renewed]);
    world.send(Some(&cookie), read).await;
    assert_eq!(log.take(), [format!("INFO session_rotated SessionLayer record={record}")]);
}

#[tokio::test]
async fn se_20_ends_and_failures_are_told() {
    let log = EventLog::new();
    let world = World::with(|builder| builder.events(log.events()));
    let cookie = world.login(None, "alice").await;
    log.take();
    let out = async |session: crate::Session| {
        session.logout().await?;
        Ok(String::new())
    };
    world.send(Some(&cookie), out).await;
    let line = log.take().concat();
    assert!(line.starts_with("INFO session_logged_out SessionLayer record="), "{line}");
    world.send(Some(&cookie), out).await;
    assert!(log.take().concat().starts_with("DEBUG session_gone SessionLayer record="));

    let cookie = world.login(None, "bob").await;
    log.take();
    world.store.down();
    world.send(Some(&cookie), out).await;
    assert_eq!(log.take(), ["WARN store_failed SessionLayer reason=unavailable"]);
}
