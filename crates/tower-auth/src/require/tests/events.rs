//! What is logged. The subscriber is the thread's own, so each test has one thread.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use tower_auth_core::Wiring;
use tower_auth_test::{WithIdentity, identity};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::wiring::LeftOut;
use super::*;

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

/// Listens on this thread. There is a second one, or tracing asks only the thread that meets an
/// event first whether anybody listens, and that may be another test's.
fn listen(log: &Log) -> (tracing::subscriber::DefaultGuard, tracing::Dispatch) {
    let second = tracing::Dispatch::new(Log::default());
    (tracing::subscriber::set_default(log.clone()), second)
}

#[tokio::test]
async fn d22_a_wiring_mistake_is_logged_once() {
    let log = Log::default();
    let _guard = listen(&log);
    let problem = "of this test alone";
    let guarded = RequireLayer::new().layer(handler());
    let client = TestClient::new(LeftOut(guarded, Wiring { layer: "SessionLayer", problem }));
    client.get("/").await;
    let first = log.take();
    let mistakes: Vec<_> = first.lines().filter(|line| line.starts_with("ERROR")).collect();
    let [mistake] = mistakes[..] else { panic!("{first}") };
    assert!(mistake.contains("SessionLayer") && mistake.contains(problem), "{mistake}");
    client.get("/").await;
    assert!(!log.take().contains("ERROR"));
}

#[tokio::test]
async fn xx_04_d08_a_refusal_is_logged_by_its_code_alone() {
    let log = Log::default();
    let _guard = listen(&log);
    let layer = || RequireLayer::builder().scope("secret:scope").build().unwrap();
    let ask = async |who| {
        let request = client(who, layer()).get("/path").header("x", "value").bearer("token");
        request.await;
        log.take()
    };
    let refused = ask(WithIdentity::known(identity("alice"))).await;
    assert_eq!(refused.lines().count(), 1, "{refused}");
    assert!(refused.contains("code=\"insufficient_scope\""), "{refused}");
    for word in ["alice", "secret", "path", "value", "token"] {
        assert!(!refused.contains(word), "{refused}");
    }
    assert!(ask(WithIdentity::anonymous()).await.contains("code=\"unauthenticated\""));
    let scoped = Identity::local("alice").scope("secret:scope").build();
    assert_eq!(ask(WithIdentity::known(scoped)).await, "");
}
