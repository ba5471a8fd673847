//! How long ago something was: a clock that nobody sets.

use std::time::Instant;

use tower_auth_core::Clock;

/// Counts microseconds from some moment of its own. Ages and signs of life go by it, not by the
/// wall clock: that one is set back sometimes, and then everything would look fresh.
pub(super) enum Uptime {
    Process(Instant),
    Injected(Clock),
}

#[expect(
    clippy::disallowed_methods,
    reason = "the default without an injected clock, and the only one that cannot be set back"
)]
impl Uptime {
    /// Counts from this moment, by the system's monotonic clock.
    pub(super) fn process() -> Self {
        Self::Process(Instant::now())
    }

    pub(super) fn now(&self) -> u64 {
        match self {
            Self::Process(start) => {
                let elapsed = start.elapsed();
                elapsed.as_secs() * 1_000_000 + u64::from(elapsed.subsec_micros())
            }
            Self::Injected(clock) => clock.now().as_unix_micros(),
        }
    }
}
