//! Delays, with a timer that tests can control.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

#[cfg(test)]
mod tests;

/// A future that completes after a delay; see [`Timer::sleep`].
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A source of delays, provided by the async runtime.
///
/// tower-auth has no timer of its own. A layer that gets one through `Settings::timer` can limit
/// how long it waits. For tokio, use `tower_auth::TokioTimer` (feature `tokio-timer`). For tests,
/// use `TestClock` of `tower-auth-test`.
///
/// ```
/// use std::time::Duration;
/// use tower_auth_core::timer::{Sleep, Timer};
///
/// struct MyRuntime;
/// impl Timer for MyRuntime {
///     fn sleep(&self, duration: Duration) -> Sleep {
///         Box::pin(tokio::time::sleep(duration))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a timer",
    label = "expected a source of delays",
    note = "pass `TokioTimer`, a `TestClock`, or your own type that implements `Timer`"
)]
pub trait Timer: Send + Sync + 'static {
    /// Returns a future that completes once `duration` has passed, measured from this call.
    ///
    /// A monotonic clock measures the delay, so changes of the system's time neither shorten nor
    /// lengthen it. The future may be dropped at any time.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// A shared [`Timer`] of any type. A clone is the same timer.
///
/// ```
/// # use tower_auth_core::timer::{AnyTimer, Sleep, Timer};
/// # struct MyRuntime;
/// # impl Timer for MyRuntime {
/// #     fn sleep(&self, duration: std::time::Duration) -> Sleep { Box::pin(async {}) }
/// # }
/// let timer = AnyTimer::new(MyRuntime);
/// let same = AnyTimer::new(timer.clone()); // not wrapped twice
/// ```
#[derive(Clone)]
pub struct AnyTimer(Arc<dyn Timer>);

impl AnyTimer {
    /// Erases the timer's type. Returns a clone if `timer` already is an `AnyTimer`.
    pub fn new(timer: impl Timer) -> Self {
        if let Some(same) = (&timer as &dyn Any).downcast_ref::<Self>() {
            return same.clone();
        }
        Self(Arc::new(timer))
    }
}

impl Timer for AnyTimer {
    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.sleep(duration)
    }
}

impl fmt::Debug for AnyTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyTimer").finish_non_exhaustive()
    }
}
