//! A timer on tokio.

use std::time::Duration;

use tower_auth_core::timer::{Sleep, Timer};

/// The timer of tokio.
///
/// ```
/// use tower_auth::{AnyTimer, TokioTimer};
///
/// let timer = AnyTimer::new(TokioTimer);
/// ```
///
/// # Panics
/// `sleep` panics outside a tokio runtime, and in a runtime that was built without `enable_time`.
/// `#[tokio::main]` and `#[tokio::test]` enable it.
#[derive(Clone, Copy, Debug, Default)]
#[allow(
    clippy::exhaustive_structs,
    reason = "the runtime owns the timer, so there is nothing to store"
)]
pub struct TokioTimer;

impl Timer for TokioTimer {
    #[expect(clippy::disallowed_methods, reason = "this `Timer` waits by tokio's timer")]
    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}
