//! A clock for ages, which cannot be set.

use std::time::Instant;

use tower_auth_core::Clock;

/// A counter of microseconds from an arbitrary start. Ages and heartbeats use it instead of the
/// wall clock, which is sometimes set back, and everything would then look fresh.
pub(super) enum Uptime {
    Process(Instant),
    Injected(Clock),
}

#[expect(
    clippy::disallowed_methods,
    reason = "the default without an injected clock, and the only one that cannot be set back"
)]
impl Uptime {
    /// Starts the counter now, with the system's monotonic clock.
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
