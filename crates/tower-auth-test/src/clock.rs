//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tower_auth_core::clock::{Clock, TimeSource, Timestamp};

/// Time that only the test moves. A clone shows, and moves, the same time.
///
/// ```
/// use std::time::Duration;
/// use tower_auth_test::TestClock;
///
/// let time = TestClock::new();
/// let clock = time.clock();          // for the layers and the store
/// let before = clock.now();
/// time.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(before), Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicU64>);

impl TestClock {
    /// Where [`new`](Self::new) starts: 2026-01-01 00:00:00 UTC.
    pub const START: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);

    /// A clock that stands at [`START`](Self::START).
    #[must_use]
    pub fn new() -> Self {
        Self::at(Self::START)
    }

    /// A clock that stands at that moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(moment.as_unix_micros())))
    }

    /// For layers and stores: shows this clock's time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock::new(self.clone())
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.0.load(Ordering::SeqCst))
    }

    /// Moves time forward.
    pub fn advance(&self, by: Duration) {
        // The closure always answers Some.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |micros| {
            Some((Timestamp::from_unix_micros(micros) + by).as_unix_micros())
        });
    }

    /// Sets the time; also back, as a clock that is being corrected does.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.as_unix_micros(), Ordering::SeqCst);
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl TimeSource for TestClock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }
}
