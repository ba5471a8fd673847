//! Where the writers of one session wait for each other, once they have met.

use tokio::sync::{Mutex, MutexGuard};
use tower_auth_core::store::Handle;

/// Striped: bounded, whatever the number of sessions. Two sessions that share a stripe cost each
/// other a wait, and only when both are being fought over.
pub(super) struct Locks([Mutex<()>; 64]);

impl Locks {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }

    pub(super) async fn queue(&self, handle: &Handle) -> MutexGuard<'_, ()> {
        // Handles are random, so any byte of them spreads.
        let [first, ..] = *handle.as_bytes();
        self.0[usize::from(first) % self.0.len()].lock().await
    }
}
