//! Report only, and the events.

use super::{SESSION, layer, post, through, verdict};

#[test]
fn cs_17_report_only_refuses_nothing() {
    let report = layer(|it| it.report_only().require_token());
    let forged = || post(&[("sec-fetch-site", "cross-site"), ("cookie", SESSION)]);
    assert_eq!(verdict(&report, forged()), Ok(()));
    assert_eq!(verdict(&report, post(&[("sec-fetch-site", "same-origin")])), Ok(()));
    assert!(verdict(&layer(|it| it.require_token()), forged()).is_err());
    let (response, _) = through(&report, forged());
    assert!(response.headers().contains_key("vary"), "judged all the same");
}

#[cfg(feature = "tracing")]
mod events {
    use std::fmt::Debug;
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::super::{SESSION, layer, post, through};

    /// Every field of every event of this thread, as text.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    impl Visit for Log {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.lock().unwrap().push(format!("{field}={value:?}"));
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
        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn cs_17_every_denial_is_one_event_with_its_reason_and_nothing_else() {
        for report_only in [false, true] {
            let layer = layer(|it| if report_only { it.report_only() } else { it });
            let log = Log::default();
            // A second one, or tracing asks only the thread that meets an event first whether
            // anybody listens, and that may be another test's.
            let _second = tracing::Dispatch::new(Log::default());
            tracing::subscriber::with_default(log.clone(), || {
                through(&layer, post(&[("sec-fetch-site", "cross-site"), ("cookie", SESSION)]));
                through(&layer, post(&[("cookie", SESSION), ("referer", "https://evil.example")]));
                through(&layer, post(&[("sec-fetch-site", "same-origin")]));
            });
            let log = log.0.lock().unwrap().clone();
            let codes: Vec<_> = log.iter().filter(|it| it.starts_with("code=")).collect();
            assert_eq!(codes, [r#"code="csrf_cross_site""#, r#"code="csrf_missing_origin""#]);
            assert!(!log.iter().any(|it| it.contains("evil") || it.contains("another-make")));
        }
    }
}
