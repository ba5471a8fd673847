//! Whether the feed is alive.

use std::sync::atomic::{AtomicU64, Ordering};

/// No question was answered since the feed was lost, or ever.
const SILENT: u64 = u64::MAX;

/// When the last question was asked that the server has answered.
pub(super) struct Pulse {
    asked: AtomicU64,
    /// How long after it the feed counts as alive, in microseconds.
    tolerance: u64,
}

impl Pulse {
    pub(super) fn new(tolerance: u64) -> Self {
        Self { asked: AtomicU64::new(SILENT), tolerance }
    }

    /// The one comparison that stands between a hit and a stale answer.
    pub(super) fn is_alive(&self, now: u64) -> bool {
        let asked = self.asked.load(Ordering::SeqCst);
        asked != SILENT && now.saturating_sub(asked) < self.tolerance
    }

    pub(super) fn beat(&self, asked: u64) {
        self.asked.store(asked, Ordering::SeqCst);
    }

    pub(super) fn stop(&self) {
        self.asked.store(SILENT, Ordering::SeqCst);
    }
}
