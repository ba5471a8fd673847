//! A clock that advances only when a test moves it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tower_auth_core::clock::{Clock, TimeSource, Timestamp};
use tower_auth_core::timer::{Sleep, Timer};

#[cfg(test)]
mod tests;

/// A clock that only the test moves. A clone reads and moves the same time.
///
/// It is also a [`Timer`]: a delay ends once the test has advanced the clock by its length.
///
/// ```
/// use std::time::Duration;
/// use tower_auth_core::Timer as _;
/// use tower_auth_test::TestClock;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let time = TestClock::new();
/// let clock = time.clock();          // for the layers and the store
/// let before = clock.now();
/// let delay = time.sleep(Duration::from_secs(60));
/// time.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(before), Duration::from_secs(60));
/// delay.await;
/// # }
/// ```
#[derive(Clone)]
pub struct TestClock {
    state: Arc<Mutex<State>>,
    /// Created once, because two clocks are equal only if one is a clone of the other.
    clock: Clock,
}

/// The time alone, without the clock that reads it.
struct Source(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    /// The sum of all forward moves. Delays use it, so setting the clock back lengthens no delay.
    elapsed: Duration,
    /// Woken whenever the clock moves. Delays that are not over register again.
    sleepers: Vec<Waker>,
}

impl TestClock {
    /// The start of [`new`](Self::new): 2026-01-01 00:00:00 UTC.
    pub const START: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);

    /// Creates a clock that reads [`START`](Self::START).
    #[must_use]
    pub fn new() -> Self {
        Self::at(Self::START)
    }

    /// Creates a clock that reads this moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        let state = State { now: moment, elapsed: Duration::ZERO, sleepers: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        Self { clock: Clock::new(Source(state.clone())), state }
    }

    /// Returns a clock for layers and stores that reads this time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    /// Advances the time, and completes the delays that end by then.
    pub fn advance(&self, by: Duration) {
        self.move_to(|now| now + by);
    }

    /// Sets the time, forward or back, like a clock that is being corrected. Setting it back does
    /// not change the time that delays still have to wait.
    pub fn set(&self, moment: Timestamp) {
        self.move_to(|_| moment);
    }

    fn move_to(&self, moment: impl FnOnce(Timestamp) -> Timestamp) {
        let sleepers = self.with(|state| {
            let before = state.now;
            state.now = moment(before);
            state.elapsed = state.elapsed.saturating_add(state.now.since(before));
            std::mem::take(&mut state.sleepers)
        });
        // Not under the lock: a waker may run code that reads the clock.
        sleepers.into_iter().for_each(Waker::wake);
    }

    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

impl TimeSource for Source {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now
    }
}

impl TimeSource for TestClock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }
}

impl Timer for TestClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let until = self.with(|state| state.elapsed.saturating_add(duration));
        Box::pin(Delay { clock: self.clone(), until })
    }
}

impl std::fmt::Debug for TestClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TestClock").field(&self.now()).finish()
    }
}

/// Completes once the clock has advanced to `until`.
struct Delay {
    clock: TestClock,
    until: Duration,
}

impl Future for Delay {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        self.clock.with(|state| {
            if state.elapsed >= self.until {
                return Poll::Ready(());
            }
            if !state.sleepers.iter().any(|sleeper| sleeper.will_wake(task.waker())) {
                state.sleepers.push(task.waker().clone());
            }
            Poll::Pending
        })
    }
}
