//! Delays from tokio.

use std::time::Duration;

use tower_auth_core::timer::{Sleep, Timer};

/// tokio's timer.
///
/// ```
/// use tower_auth::{AnyTimer, TokioTimer};
///
/// let timer = AnyTimer::new(TokioTimer);
/// ```
///
/// # Panics
/// `sleep` panics outside of a tokio runtime, and in one that was built without `enable_time`.
/// `#[tokio::main]` and `#[tokio::test]` enable it.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "the timer is the runtime's: there is nothing to keep"
)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    #[expect(clippy::disallowed_methods, reason = "this is the `Timer` that waits by tokio's")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}
