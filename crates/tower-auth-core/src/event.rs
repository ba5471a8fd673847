//! Events for logs, metrics and audits: a fixed list, and the sinks that receive them.
//!
//! Every layer takes [`Events`] (`Settings::events`) and emits its decisions: logins, refusals with
//! their reason, failed stores. With feature `tracing`, the same events also go to the `tracing`
//! crate, target `tower_auth`. No event contains data from a request: codes are constants, and no
//! field holds a secret or a credential (ASVS 16.2.5, 16.4.1).
//!
//! [`EventKind::ALL`] is the list. Codes never change; new kinds may be added.

mod kind;
mod log_id;
#[cfg(test)]
mod tests;
mod trace;

use std::fmt;
use std::sync::Arc;

use http::Extensions;

use crate::{Auth, Identity, Misconfigured};

pub use kind::{EventKind, EventLevel};
pub use log_id::LogId;
pub use trace::in_store_span;

/// An event that a layer emits.
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::event::{Event, EventKind, EventLevel};
///
/// let event = Event::new(EventKind::RequireRefused, "RequireLayer").because("insufficient_scope");
/// assert_eq!(event.kind.code(), "require_refused");
/// assert_eq!(event.kind.level(), EventLevel::Info);
/// assert_eq!(event.reason, Some("insufficient_scope"));
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Event<'a> {
    /// The kind of the event.
    pub kind: EventKind,
    /// The layer or extractor that emits the event.
    pub layer: &'static str,
    /// The reason, as a constant of tower-auth: a [`Rejection`](crate::Rejection)'s code, a token's
    /// fault, a store's kind of error, the text of a configuration mistake.
    pub reason: Option<&'static str>,
    /// More information for the operator: names from the configuration, positions, counts. Never
    /// data from a request.
    pub detail: Option<&'a str>,
    /// The identity that the event concerns, if it was authenticated. Not passed to `tracing`.
    pub identity: Option<&'a Identity>,
    /// The session or refresh token family that the event concerns, by its id for logs.
    pub record: Option<LogId>,
}

impl<'a> Event<'a> {
    /// Creates an event of `kind`, emitted by `layer`.
    #[must_use]
    pub const fn new(kind: EventKind, layer: &'static str) -> Self {
        Self { kind, layer, reason: None, detail: None, identity: None, record: None }
    }

    /// Sets the reason. It must be a constant, never text from a request.
    #[must_use]
    pub const fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Adds a detail for the operator. Build it from names in the configuration or the program,
    /// positions and counts, never from text of a request.
    #[must_use]
    pub const fn detail(self, detail: &'a str) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// Sets the identity that the event concerns.
    #[must_use]
    pub const fn of(self, identity: &'a Identity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// Sets the session or refresh token family that the event concerns.
    #[must_use]
    pub const fn about(self, record: LogId) -> Self {
        Self { record: Some(record), ..self }
    }
}

/// Shows the fields that `tracing` receives, so not the identity.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("code", &self.kind.code())
            .field("layer", &self.layer)
            .field("reason", &self.reason)
            .field("detail", &self.detail)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// A receiver of events. Every `Fn(&Event<'_>)` implements it.
pub trait EventSink: Send + Sync + 'static {
    /// Receives one event. The request's own thread calls it before the response is complete, so
    /// hand over slow work to another task.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> EventSink for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// The destination of events: the application's sink, or none by default. `tracing` is independent
/// of it.
///
/// A clone has the same sink. Give a clone to every layer.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::sync::Arc;
/// # use tower_auth_core as tower_auth;
/// use tower_auth::event::{Event, Events, EventKind};
///
/// let failures = Arc::new(AtomicU32::new(0));
/// let count = failures.clone();
/// let events = Events::new(move |event: &Event<'_>| {
///     if event.kind == EventKind::StoreFailed {
///         count.fetch_add(1, Ordering::Relaxed);
///     }
/// });
///
/// events.emit(Event::new(EventKind::StoreFailed, "SessionLayer").because("unavailable"));
/// assert_eq!(failures.load(Ordering::Relaxed), 1);
/// ```
#[derive(Clone, Default)]
pub struct Events(Option<Arc<dyn EventSink>>);

impl Events {
    /// Creates events without a sink: the default.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Sends events to `sink`.
    pub fn new(sink: impl EventSink) -> Self {
        Self(Some(Arc::new(sink)))
    }

    /// Returns the sink of the layers that the request with these extensions passed. For code
    /// without a sink of its own, such as extractors. If there is no such layer, there is no sink.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Auth>().map_or_else(Self::none, |auth| auth.0.events())
    }

    /// Sends the event to the sink, and to `tracing` if that feature is on.
    pub fn emit(&self, event: Event<'_>) {
        trace::event(&event);
        if let Some(sink) = &self.0 {
            sink.event(&event);
        }
    }

    /// Sends the event to the sink, and to `tracing` only the first time for its layer, reason and
    /// detail. For mistakes that are made once and found on every request. The details are kept in
    /// memory, so take them from the configuration only.
    #[cold]
    pub fn emit_once(&self, event: Event<'_>) {
        trace::once(&event);
        if let Some(sink) = &self.0 {
            sink.event(&event);
        }
    }

    /// Emits a configuration mistake. `tracing` receives each mistake once per process: it is made
    /// once and found on every request.
    #[cold]
    pub fn misconfigured(&self, misconfigured: Misconfigured) {
        self.emit_once(
            Event::new(EventKind::Misconfigured, misconfigured.layer)
                .because(misconfigured.problem),
        );
    }

    /// Returns `true` if a sink or a subscriber receives events of `kind`. Otherwise an emitter may
    /// skip the event, and the work of building it.
    #[must_use]
    pub fn wants(&self, kind: EventKind) -> bool {
        self.0.is_some() || trace::wants(kind)
    }

    /// Returns `true` if there is no sink.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Events(sink)" } else { "Events(none)" })
    }
}
