//! What is logged. The subscriber is the thread's own, so each test has one thread.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::client::{by_cookie, send};
use super::world::{World, alice, text};
use crate::refresh::Presented;
use crate::refresh::token::{Mint, Seed};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "tower_auth"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Line<'a>(&'a mut String);
        impl Visit for Line<'_> {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                write!(self.0, " {field}={value:?}").unwrap();
            }
        }
        let mut log = self.0.lock().unwrap();
        write!(log, "{}", event.metadata().level()).unwrap();
        event.record(&mut Line(&mut log));
        log.push('\n');
    }
}

#[tokio::test]
async fn rf_18_reuse_is_an_event_with_the_familys_name_and_no_secret() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::new();
    let begun = world.refresh.begin(&alice(), None).await.unwrap();
    let family = begun.family().to_string();
    let first = text(&begun);
    let second = world.next(&first).await.unwrap();
    assert_eq!(log.take(), "", "what goes well is no event");

    world.next(&first).await.unwrap();
    let again = log.take();
    assert!(again.starts_with("INFO") && again.contains("\"refresh_successor_again\""), "{again}");

    world.later();
    let _ = send(world.refresh.endpoint(), by_cookie(&first)).await;
    let reuse = log.take();
    assert!(reuse.starts_with("WARN") && reuse.contains("\"refresh_reuse_recent\""), "{reuse}");
    for line in [&again, &reuse] {
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(line.contains(&family), "{line}");
        for secret in [&first, &second] {
            // What stands behind the family's name.
            assert!(!line.contains(&secret[28..40]) && !line.contains(&secret[60..]), "{line}");
        }
        assert!(!line.contains("alice"));
    }
}

#[tokio::test]
async fn rf_18_each_kind_has_its_code() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::new();
    let first = world.login().await;
    let second = world.next(&first).await.unwrap();
    world.later();
    world.next(&second).await.unwrap();
    assert!(world.next(&first).await.is_err());
    assert!(log.take().contains("\"refresh_reuse_stale\""));

    let begun = world.refresh.begin(&alice(), Some("app")).await.unwrap();
    assert!(world.next(&text(&begun)).await.is_err());
    assert!(log.take().contains("\"refresh_other_client\""));
    let forged = Mint::new(&world.keys).write(begun.family(), &Seed::random(), 0);
    assert!(world.next(forged.expose()).await.is_err());
    assert!(log.take().contains("\"refresh_forged_tag\""));
    let presented = text(&begun);
    world.refresh.revoke(Presented::new(&presented)).await.unwrap();
    assert!(log.take().contains("\"refresh_revoked\""));
}

#[tokio::test]
async fn rf_18_the_event_does_not_hang_on_the_store() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let world = World::new();
    let first = world.login().await;
    world.next(&first).await.unwrap();
    world.later();
    world.store.pending_once();
    {
        // Loaded, and dropped before the family is ended.
        let mut future = std::pin::pin!(world.refresh.refresh(first.as_str()));
        let mut task = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..2 {
            assert!(future.as_mut().poll(&mut task).is_pending());
        }
    }
    assert!(log.take().contains("\"refresh_reuse_recent\""));
}
