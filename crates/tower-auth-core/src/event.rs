//! What happened, for logs, metrics and audits: a fixed list of events, and where they go.
//!
//! Every layer takes [`Events`] (`Settings::events`) and tells it what it decided: who logged in, what was
//! refused and why, which store failed. With feature `tracing` the same events also go to the
//! `tracing` crate, target `tower_auth`. No event carries anything that a request brought along:
//! codes are constants, and neither a secret nor a credential is ever among its fields (ASVS
//! 16.2.5, 16.4.1).
//!
//! The list is [`Kind::ALL`]; codes stay, kinds may come.

mod kind;
mod log_id;
#[cfg(test)]
mod tests;
mod trace;

use std::fmt;
use std::sync::Arc;

use http::Extensions;

use crate::{Auth, Identity, Wiring};

pub use kind::{Kind, Level};
pub use log_id::LogId;
pub use trace::in_store_span;

/// Something that happened.
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::event::{Event, Kind, Level};
///
/// let event = Event::new(Kind::RequireRefused, "RequireLayer").because("insufficient_scope");
/// assert_eq!(event.kind.code(), "require_refused");
/// assert_eq!(event.kind.level(), Level::Info);
/// assert_eq!(event.reason, Some("insufficient_scope"));
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Event<'a> {
    /// Which of the list.
    pub kind: Kind,
    /// The layer, or the extractor, that says so.
    pub layer: &'static str,
    /// Why, as a constant of tower-auth's: a [`Rejection`](crate::Rejection)'s code, a token's
    /// fault, a store's kind of error, a wiring mistake's text.
    pub reason: Option<&'static str>,
    /// More for the operator: names from the configuration, positions, counts. Never
    /// a value that a request brought along.
    pub detail: Option<&'a str>,
    /// Whom it is about, where that was proven. Not given to `tracing`.
    pub identity: Option<&'a Identity>,
    /// The session or the refresh token family that it is about, by its name for logs.
    pub record: Option<LogId>,
}

impl<'a> Event<'a> {
    /// Of this kind, by this layer.
    #[must_use]
    pub const fn new(kind: Kind, layer: &'static str) -> Self {
        Self { kind, layer, reason: None, detail: None, identity: None, record: None }
    }

    /// Says why. Must be a constant: never text that a request brought along.
    #[must_use]
    pub const fn because(self, reason: &'static str) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// Adds a detail for the operator. Must be made of names in the configuration or in the
    /// program, positions and counts: never of text that a request brought along.
    #[must_use]
    pub const fn detail(self, detail: &'a str) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// Says who.
    #[must_use]
    pub const fn of(self, identity: &'a Identity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// Says which session or family.
    #[must_use]
    pub const fn about(self, record: LogId) -> Self {
        Self { record: Some(record), ..self }
    }
}

/// Shows what `tracing` would get: not the identity.
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

/// Takes events. Any `Fn(&Event<'_>)` is one.
pub trait Sink: Send + Sync + 'static {
    /// Something happened. Called on the request's own thread, before its answer is made: hand over
    /// what takes time.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Sink for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// Where events go: to a sink of the application's, or, by default, nowhere (beside `tracing`).
///
/// A clone is the same sink. Give one to every layer.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::sync::Arc;
/// # use tower_auth_core as tower_auth;
/// use tower_auth::event::{Event, Events, Kind};
///
/// let failures = Arc::new(AtomicU32::new(0));
/// let count = failures.clone();
/// let events = Events::new(move |event: &Event<'_>| {
///     if event.kind == Kind::StoreFailed {
///         count.fetch_add(1, Ordering::Relaxed);
///     }
/// });
///
/// events.emit(Event::new(Kind::StoreFailed, "SessionLayer").because("unavailable"));
/// assert_eq!(failures.load(Ordering::Relaxed), 1);
/// ```
#[derive(Clone, Default)]
pub struct Events(Option<Arc<dyn Sink>>);

impl Events {
    /// Nowhere: the default.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// To this sink.
    pub fn new(sink: impl Sink) -> Self {
        Self(Some(Arc::new(sink)))
    }

    /// To the sink of the layers that the request with these extensions came through: for who has
    /// none of its own, as extractors. Nowhere where there is no such layer.
    #[must_use]
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Auth>().map_or_else(Self::none, |auth| auth.0.events())
    }

    /// Tells the sink, and `tracing` where that feature is on.
    pub fn emit(&self, event: Event<'_>) {
        trace::event(&event);
        if let Some(sink) = &self.0 {
            sink.event(&event);
        }
    }

    /// Tells the sink, and `tracing` unless it has heard of this layer, reason and detail before: for
    /// mistakes that are made once and met often. The details are remembered, so take them from the
    /// configuration.
    #[cold]
    pub fn emit_once(&self, event: Event<'_>) {
        trace::once(&event);
        if let Some(sink) = &self.0 {
            sink.event(&event);
        }
    }

    /// Tells of a mistake in the wiring. `tracing` hears of each only once per process: it is made
    /// once, and met on every request.
    #[cold]
    pub fn wiring(&self, wiring: Wiring) {
        self.emit_once(Event::new(Kind::Wiring, wiring.layer).because(wiring.problem));
    }

    /// Whether anybody hears of events of this kind. An emitter may leave out an event that nobody
    /// hears, and with it the work of making it.
    #[must_use]
    pub fn wants(&self, kind: Kind) -> bool {
        self.0.is_some() || trace::wants(kind)
    }

    /// Whether there is no sink.
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
