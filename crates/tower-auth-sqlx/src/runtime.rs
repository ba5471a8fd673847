//! Tokio's timers and tasks. Only this file of the crate uses them.
//!
//! They limit and pace I/O on Tokio's own sockets. No answer about a record depends on them:
//! records expire by the injected [`Clock`](tower_auth_core::Clock).
#![expect(
    clippy::disallowed_methods,
    reason = "everything else in this crate calls these functions"
)]

use std::future::Future;
use std::time::Duration;

#[cfg(feature = "postgres")]
use tokio::runtime::Handle;
#[cfg(feature = "postgres")]
use tokio::time::Instant;
use tokio::time::{Sleep, Timeout};

/// Waits for `duration`.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    tokio::time::sleep(duration)
}

/// Gives up on `future` after `limit`.
pub(crate) fn timeout<F: Future>(limit: Duration, future: F) -> Timeout<F> {
    tokio::time::timeout(limit, future)
}

/// Gives up on `future` at `deadline`.
#[cfg(feature = "postgres")]
pub(crate) fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    tokio::time::timeout_at(deadline, future)
}

/// Returns the current time of a clock that cannot be set back.
#[cfg(feature = "postgres")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Runs `task` on `runtime`. The caller may be outside of a runtime.
#[cfg(feature = "postgres")]
pub(crate) fn spawn_on(runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
    runtime.spawn(task);
}
