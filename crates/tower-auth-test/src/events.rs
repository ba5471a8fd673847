//! An event sink that records events.

use std::sync::{Arc, Mutex, PoisonError};

use tower_auth_core::event::{Event, EventLevel, Events};

/// Records the events that layers emit, one line each.
///
/// A line has the level, the code and the layer, followed by the optional fields of the event:
/// `reason=…`, `detail=…`, `record=…`, `subject=…`. A clone shares the same lines.
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::event::{Event, EventKind};
/// use tower_auth_test::EventLog;
///
/// let log = EventLog::new();
/// log.events().emit(Event::new(EventKind::StoreFailed, "SessionLayer").because("unavailable"));
/// assert_eq!(log.take(), ["WARN store_failed SessionLayer reason=unavailable"]);
/// assert!(log.take().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct EventLog(Arc<Mutex<Vec<String>>>);

impl EventLog {
    /// Creates an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the value for `Settings::events`.
    #[must_use]
    pub fn events(&self) -> Events {
        let log = self.clone();
        Events::new(move |event: &Event<'_>| log.push(line(event)))
    }

    /// Returns the recorded lines, oldest first, and clears the log.
    #[allow(clippy::must_use_candidate, reason = "also called only to clear the log")]
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn push(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

fn line(event: &Event<'_>) -> String {
    let level = match event.kind.level() {
        EventLevel::Debug => "DEBUG",
        EventLevel::Info => "INFO",
        EventLevel::Warn => "WARN",
        EventLevel::Error => "ERROR",
    };
    let mut line = format!("{level} {} {}", event.kind.code(), event.layer);
    if let Some(reason) = event.reason {
        line += &format!(" reason={reason}");
    }
    if let Some(detail) = event.detail {
        line += &format!(" detail={detail}");
    }
    if let Some(record) = event.record {
        line += &format!(" record={record}");
    }
    if let Some(identity) = event.identity {
        line += &format!(" subject={}", identity.subject());
    }
    line
}
