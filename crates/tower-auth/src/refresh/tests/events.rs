//! The events of the engine and its endpoints.

use tower_auth_test::EventLog;

use super::client::{by_cookie, send};
use super::world::{World, alice, text};
use crate::refresh::Presented;

fn world(log: &EventLog) -> World {
    World::with_settings(|it| it.events(log.events()))
}

#[tokio::test]
async fn rf_18_se_20_reuse_is_an_event_with_the_familys_name_for_logs_and_no_secret() {
    let log = EventLog::new();
    let world = world(&log);
    let begun = world.refresh.begin(&alice(), None).await.unwrap();
    let family = world.refresh.log_id(begun.family());
    let first = text(&begun);
    let second = world.next(&first).await.unwrap();
    assert_eq!(
        log.take(),
        [
            format!("INFO refresh_begun RefreshLayer record={family} subject=alice"),
            format!("DEBUG refresh_rotated RefreshLayer record={family} subject=alice"),
        ]
    );
    assert!(second != first);

    world.next(&first).await.unwrap();
    let again = format!("INFO refresh_successor_again RefreshLayer record={family} subject=alice");
    assert_eq!(log.take(), [again]);

    world.later();
    let _ = send(world.refresh.endpoint(), by_cookie(&world.as_cookie(&first))).await;
    let reuse =
        format!("WARN refresh_reuse RefreshLayer reason=recent record={family} subject=alice");
    assert_eq!(log.take(), [reuse], "the whole of it: no part of a token");
    // The id in logs does not find the record in the store, and is the same on every node.
    assert_ne!(family.to_string(), begun.family().to_string()[..16]);
    assert_eq!(World::new().refresh.log_id(begun.family()), family);
}

#[tokio::test]
async fn rf_18_each_kind_has_its_code() {
    let log = EventLog::new();
    let world = world(&log);
    let first = world.login().await;
    let second = world.next(&first).await.unwrap();
    world.later();
    world.next(&second).await.unwrap();
    assert!(world.next(&first).await.is_err());
    assert!(log.take().last().unwrap().contains("refresh_reuse RefreshLayer reason=stale"));

    let begun = world.refresh.begin(&alice(), Some("app")).await.unwrap();
    assert!(world.next(&text(&begun)).await.is_err());
    assert!(
        log.take().last().unwrap().contains("refresh_refused RefreshLayer reason=other_client")
    );
    let forged = world.by_ring(begun.family(), 0);
    assert!(world.next(&forged).await.is_err());
    assert!(log.take().last().unwrap().contains("refresh_refused RefreshLayer reason=forged_tag"));
    let presented = text(&begun);
    world.refresh.revoke(Presented::new(&presented)).await.unwrap();
    assert!(log.take().last().unwrap().contains("refresh_revoked RefreshLayer"));
}

#[tokio::test]
async fn rf_18_the_event_does_not_hang_on_the_store() {
    let log = EventLog::new();
    let world = world(&log);
    let first = world.login().await;
    world.next(&first).await.unwrap();
    world.later();
    world.store.pending_once();
    {
        // The future is dropped after the load and before the family ends.
        let mut future = std::pin::pin!(world.refresh.refresh(first.as_str()));
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..2 {
            assert!(future.as_mut().poll(&mut task).is_pending());
        }
    }
    assert!(log.take().last().unwrap().contains("refresh_reuse RefreshLayer reason=recent"));
}

#[tokio::test]
async fn rf_18_a_clock_that_differs_is_an_event_beyond_what_is_borne() {
    for (ahead, is_told) in [(5, false), (6, true), (90, true)] {
        let log = EventLog::new();
        let world = world(&log);
        let begun = world.refresh.begin(&alice(), None).await.unwrap();
        let fast = tower_auth_test::TestClock::new();
        fast.advance(std::time::Duration::from_secs(ahead));
        let node = world.node(&fast);
        let second = text(&node.refresh(text(&begun).as_str()).await.unwrap());
        log.take();
        world.next(&second).await.unwrap();
        let family = world.refresh.log_id(begun.family());
        let skew = format!("WARN clock_skew RefreshLayer reason=rotation record={family}");
        assert_eq!(log.take().contains(&skew), is_told, "{ahead} s ahead");
    }
}
