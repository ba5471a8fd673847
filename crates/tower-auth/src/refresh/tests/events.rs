//! The events of the engine and its endpoints.

use tower_auth_test::EventLog;

use super::client::{by_cookie, send};
use super::fixture::{Fixture, alice, text};
use crate::refresh::PresentedToken;

fn fixture(log: &EventLog) -> Fixture {
    Fixture::with_settings(|it| it.events(log.events()))
}

#[tokio::test]
async fn rf_18_se_20_reuse_is_an_event_with_the_familys_name_for_logs_and_no_secret() {
    let log = EventLog::new();
    let fixture = fixture(&log);
    let begun = fixture.refresh.begin(&alice(), None).await.unwrap();
    let family = fixture.refresh.log_id(begun.family());
    let first = text(&begun);
    let second = fixture.next(&first).await.unwrap();
    assert_eq!(
        log.take(),
        [
            format!("INFO refresh_begun RefreshLayer record={family} subject=alice"),
            format!("DEBUG refresh_rotated RefreshLayer record={family} subject=alice"),
        ]
    );
    assert!(second != first);

    fixture.next(&first).await.unwrap();
    let again = format!("INFO refresh_successor_again RefreshLayer record={family} subject=alice");
    assert_eq!(log.take(), [again]);

    fixture.later();
    let _ = send(fixture.refresh.endpoint(), by_cookie(&fixture.as_cookie(&first))).await;
    let reuse =
        format!("WARN refresh_reuse RefreshLayer reason=recent record={family} subject=alice");
    assert_eq!(log.take(), [reuse], "the whole of it: no part of a token");
    // The id in logs does not find the record in the store, and is the same on every node.
    assert_ne!(family.to_string(), begun.family().to_string()[..16]);
    assert_eq!(Fixture::new().refresh.log_id(begun.family()), family);
}

#[tokio::test]
async fn rf_18_each_kind_has_its_code() {
    let log = EventLog::new();
    let fixture = fixture(&log);
    let first = fixture.login().await;
    let second = fixture.next(&first).await.unwrap();
    fixture.later();
    fixture.next(&second).await.unwrap();
    assert!(fixture.next(&first).await.is_err());
    assert!(log.take().last().unwrap().contains("refresh_reuse RefreshLayer reason=stale"));

    let begun = fixture.refresh.begin(&alice(), Some("app")).await.unwrap();
    assert!(fixture.next(&text(&begun)).await.is_err());
    assert!(
        log.take().last().unwrap().contains("refresh_refused RefreshLayer reason=other_client")
    );
    let forged = fixture.by_ring(begun.family(), 0);
    assert!(fixture.next(&forged).await.is_err());
    assert!(log.take().last().unwrap().contains("refresh_refused RefreshLayer reason=forged_tag"));
    let presented = text(&begun);
    fixture.refresh.revoke(PresentedToken::new(&presented)).await.unwrap();
    assert!(log.take().last().unwrap().contains("refresh_revoked RefreshLayer"));
}

#[tokio::test]
async fn rf_18_the_event_does_not_hang_on_the_store() {
    let log = EventLog::new();
    let fixture = fixture(&log);
    let first = fixture.login().await;
    fixture.next(&first).await.unwrap();
    fixture.later();
    fixture.store.pending_once();
    {
        // The future is dropped after the load and before the family ends.
        let mut future = std::pin::pin!(fixture.refresh.refresh(first.as_str()));
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
        let fixture = fixture(&log);
        let begun = fixture.refresh.begin(&alice(), None).await.unwrap();
        let fast = tower_auth_test::TestClock::new();
        fast.advance(std::time::Duration::from_secs(ahead));
        let node = fixture.node(&fast);
        let second = text(&node.refresh(text(&begun).as_str()).await.unwrap());
        log.take();
        fixture.next(&second).await.unwrap();
        let family = fixture.refresh.log_id(begun.family());
        let skew = format!("WARN clock_skew RefreshLayer reason=rotation record={family}");
        assert_eq!(log.take().contains(&skew), is_told, "{ahead} s ahead");
    }
}
