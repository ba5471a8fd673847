//! The only module that uses the `tracing` crate. Without the feature, its functions do nothing.

use std::future::Future;

use super::{Event, EventKind};

/// The target of every event and span.
#[cfg(feature = "tracing")]
const TARGET: &str = "tower_auth";

/// Passes an event to `tracing`.
#[cfg(feature = "tracing")]
pub(super) fn event(event: &Event<'_>) {
    use tracing::field::display;

    use super::EventLevel;

    let &Event { kind, layer, reason, detail, record, .. } = event;
    let (code, record) = (kind.code(), record.map(display));
    macro_rules! at {
        ($level:ident) => {
            tracing::event!(
                target: TARGET, tracing::Level::$level, code, layer, reason, detail, record,
                "{}", kind.text()
            )
        };
    }
    // `tracing` needs a constant level at each call site, so there are four.
    match kind.level() {
        EventLevel::Debug => at!(DEBUG),
        EventLevel::Info => at!(INFO),
        EventLevel::Warn => at!(WARN),
        EventLevel::Error => at!(ERROR),
    }
}

/// Returns `true` if a subscriber takes events of this kind's level.
#[cfg(feature = "tracing")]
pub(super) fn wants(kind: EventKind) -> bool {
    use super::EventLevel;

    match kind.level() {
        EventLevel::Debug => tracing::event_enabled!(target: TARGET, tracing::Level::DEBUG),
        EventLevel::Info => tracing::event_enabled!(target: TARGET, tracing::Level::INFO),
        EventLevel::Warn => tracing::event_enabled!(target: TARGET, tracing::Level::WARN),
        EventLevel::Error => tracing::event_enabled!(target: TARGET, tracing::Level::ERROR),
    }
}

/// Passes an event to `tracing` if it is the first with its layer, reason and detail.
#[cfg(feature = "tracing")]
pub(super) fn once(it: &Event<'_>) {
    use std::collections::HashSet;
    use std::sync::{Mutex, PoisonError};

    type LayerReasonDetail = (&'static str, &'static str, Box<str>);

    static SEEN: Mutex<Option<HashSet<LayerReasonDetail>>> = Mutex::new(None);
    let is_first = {
        let detail = it.detail.unwrap_or_default().into();
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get_or_insert_default().insert((it.layer, it.reason.unwrap_or_default(), detail))
    };
    // After the lock is released: a subscriber may find a configuration mistake itself.
    if is_first {
        event(it);
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) fn event(_: &Event<'_>) {}

#[cfg(not(feature = "tracing"))]
pub(super) const fn wants(_: EventKind) -> bool {
    false
}

#[cfg(not(feature = "tracing"))]
pub(super) fn once(_: &Event<'_>) {}

/// Runs one command to a store in the span `store` (level debug, field `command`). It is the only
/// span, because nothing else here waits.
#[cfg(feature = "tracing")]
pub fn in_store_span<F: Future>(
    command: &'static str,
    future: F,
) -> impl Future<Output = F::Output> + use<F> {
    use tracing::Instrument as _;

    future.instrument(tracing::debug_span!(target: TARGET, "store", command))
}

/// Runs one command to a store. There is a span only with feature `tracing`.
#[cfg(not(feature = "tracing"))]
pub fn in_store_span<F: Future>(_: &'static str, future: F) -> F {
    future
}

#[cfg(all(test, feature = "tracing"))]
mod tests;
