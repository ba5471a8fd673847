//! A clock that stands still until a test moves it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tower_auth_core::clock::{Clock, TimeSource, Timestamp};
use tower_auth_core::timer::{Sleep, Timer};

#[cfg(test)]
mod tests;

/// Time that only the test moves. A clone shows, and moves, the same time.
///
/// It is also a [`Timer`]: a delay ends when the test has moved the time so far.
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
    /// Made once, because clocks are the same only if they are clones.
    clock: Clock,
}

/// The time alone, without the clock that reads it.
struct Source(Arc<Mutex<State>>);

struct State {
    now: Timestamp,
    /// All that the clock was moved forward: delays go by this, so that setting the clock back
    /// lengthens none.
    elapsed: Duration,
    /// Woken whenever the clock moves; those whose delay is not over register again.
    sleepers: Vec<Waker>,
}

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
        let state = State { now: moment, elapsed: Duration::ZERO, sleepers: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        Self { clock: Clock::new(Source(state.clone())), state }
    }

    /// For layers and stores: shows this clock's time.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    /// Moves time forward, and ends the delays that are over then.
    pub fn advance(&self, by: Duration) {
        self.move_to(|now| now + by);
    }

    /// Sets the time; also back, as a clock that is being corrected does. Delays go on then as if
    /// the clock had stood still.
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
        // Not under the lock: a waker may run what reads the clock.
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

/// Completes once the clock was moved forward to `until`.
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
