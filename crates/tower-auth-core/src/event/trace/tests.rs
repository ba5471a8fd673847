//! The output that a `tracing` subscriber sees. A subscriber belongs to one thread, so each test
//! runs on its own.

use std::fmt::{Debug, Write};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};

use super::super::{Event, EventKind, EventLevel, Events, LogId, in_store_span};
use crate::{Identity, Misconfigured};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn write(&self, metadata: &Metadata<'_>, record: impl FnOnce(&mut Line<'_>)) {
        let mut log = self.0.lock().unwrap();
        write!(log, "{} {}", metadata.level(), metadata.target()).unwrap();
        record(&mut Line(&mut log));
        log.push('\n');
    }
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.write(span.metadata(), |line| {
            write!(line.0, " span {}", span.metadata().name()).unwrap();
            span.record(line);
        });
        Id::from_u64(1)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        self.write(event.metadata(), |line| event.record(line));
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Collects this thread's output. The second dispatcher is necessary: with only one, `tracing` asks
/// the first thread that emits an event whether a subscriber exists, and that may be another test's
/// thread.
fn listen(log: &Log) -> (tracing::subscriber::DefaultGuard, tracing::Dispatch) {
    let second = tracing::Dispatch::new(Log::default());
    (tracing::subscriber::set_default(log.clone()), second)
}

#[test]
fn xx_04_every_kind_is_one_line_at_its_level_with_its_code() {
    let log = Log::default();
    let _guard = listen(&log);
    for kind in EventKind::ALL {
        Events::none().emit(Event::new(*kind, "AnyLayer"));
        let level = match kind.level() {
            EventLevel::Debug => "DEBUG",
            EventLevel::Info => "INFO",
            EventLevel::Warn => "WARN",
            EventLevel::Error => "ERROR",
        };
        let (code, text) = (kind.code(), kind.text());
        let expected =
            format!("{level} tower_auth message={text} code=\"{code}\" layer=\"AnyLayer\"\n");
        assert_eq!(log.take(), expected);
    }
}

#[test]
fn se_20_a_line_names_the_reason_and_the_record_and_no_one() {
    let log = Log::default();
    let _guard = listen(&log);
    let alice = Identity::local("alice").scope("secret").build();
    let record = LogId::new([7; 12]);
    let event = Event::new(EventKind::RefreshReuse, "RefreshLayer");
    Events::none().emit(event.of(&alice).about(record).because("recent").detail("one of 3"));
    let line = log.take();
    assert!(line.contains("detail=\"one of 3\""), "{line}");
    assert!(line.contains("reason=\"recent\"") && line.contains(&format!("record={record}")));
    assert!(!line.contains("alice") && !line.contains("secret"), "{line}");
}

#[test]
fn an_event_is_wanted_where_a_sink_or_a_subscriber_takes_it() {
    struct OnlyWarnings;
    impl Subscriber for OnlyWarnings {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            // As subscribers do that take events and no spans.
            metadata.is_event() && *metadata.level() <= tracing::Level::WARN
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn event(&self, _: &tracing::Event<'_>) {}
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(OnlyWarnings);
    for kind in EventKind::ALL {
        assert_eq!(Events::none().wants(*kind), kind.level() >= EventLevel::Warn, "{kind:?}");
        assert!(Events::new(|_: &Event<'_>| ()).wants(*kind));
    }
}

#[test]
fn d22_a_misconfiguration_is_logged_once() {
    let log = Log::default();
    let _guard = listen(&log);
    let misconfigured = |problem| Misconfigured { layer: "SessionLayer", problem };
    Events::none().misconfigured(misconfigured("of this test alone"));
    Events::none().misconfigured(misconfigured("of this test alone"));
    let once = log.take();
    assert_eq!(once.lines().count(), 1, "{once}");
    assert!(once.contains("SessionLayer") && once.contains("of this test alone"), "{once}");
    Events::none().misconfigured(misconfigured("another of this test"));
    assert_eq!(log.take().lines().count(), 1);
}

#[test]
fn two_open_key_files_are_two_lines() {
    let log = Log::default();
    let _guard = listen(&log);
    let open =
        |file| Event::new(EventKind::KeyFileOpen, "KeyRing").because("of this test").detail(file);
    for file in ["one", "other", "one"] {
        Events::none().emit_once(open(file));
    }
    let lines = log.take();
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("detail=\"one\"") && lines.contains("detail=\"other\""), "{lines}");
}

/// The subscriber calls a server of its own process that is misconfigured as well. A lock held
/// while the subscriber runs would never be released.
#[test]
fn a_subscriber_may_meet_a_misconfiguration_itself() {
    struct Asks(Log);
    impl Subscriber for Asks {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.0.new_span(span)
        }
        fn event(&self, event: &tracing::Event<'_>) {
            Events::none()
                .misconfigured(Misconfigured { layer: "Inner", problem: "met by a subscriber" });
            self.0.event(event);
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }
    let log = Log::default();
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(Asks(log.clone()));
    Events::none()
        .misconfigured(Misconfigured { layer: "Outer", problem: "told to a subscriber that asks" });
    assert!(log.take().contains("told to a subscriber that asks"));
}

#[test]
fn a_stores_command_is_a_span() {
    let log = Log::default();
    let _guard = listen(&log);
    let mut future = std::pin::pin!(in_store_span("load", std::future::ready(7)));
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(7));
    assert_eq!(log.take(), "DEBUG tower_auth span store command=\"load\"\n");
}
