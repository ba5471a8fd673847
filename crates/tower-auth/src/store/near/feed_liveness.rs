//! The liveness of the feed.

use std::sync::atomic::{AtomicU64, Ordering};

/// The value if no heartbeat was answered since the feed was lost, or ever.
const SILENT: u64 = u64::MAX;

/// The time of the last heartbeat that the server has answered.
pub(super) struct FeedLiveness {
    asked: AtomicU64,
    /// The time for which the feed counts as alive after that heartbeat, in microseconds.
    tolerance: u64,
}

impl FeedLiveness {
    pub(super) fn new(tolerance: u64) -> Self {
        Self { asked: AtomicU64::new(SILENT), tolerance }
    }

    /// Returns `true` if the feed is alive. This comparison alone protects a hit from being stale.
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
