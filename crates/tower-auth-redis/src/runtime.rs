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

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, Timeout};

/// Waits for `duration`.
pub(crate) fn sleep(duration: Duration) -> Sleep {
    tokio::time::sleep(duration)
}

/// Gives up on `future` after `limit`.
pub(crate) fn timeout<F: Future>(limit: Duration, future: F) -> Timeout<F> {
    tokio::time::timeout(limit, future)
}

/// Gives up on `future` at `deadline`.
pub(crate) fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    tokio::time::timeout_at(deadline, future)
}

/// Returns the current time of a clock that cannot be set back.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Runs `task` on the caller's runtime.
pub(crate) fn spawn<T: Send + 'static>(
    task: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tokio::spawn(task)
}

/// Runs `task` on `runtime`. The caller may be outside of a runtime.
pub(crate) fn spawn_on(runtime: &Handle, task: impl Future<Output = ()> + Send + 'static) {
    runtime.spawn(task);
}
