//! The wait of a request for a fetch of keys.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::watch;
use tower_auth_core::{AnyTimer, Timer as _};

/// A place among the requests that may wait at once.
pub(super) struct Slot(Arc<AtomicUsize>);

impl Slot {
    pub(super) fn take(waiting: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let enter = |count: usize| (count < limit).then_some(count + 1);
        waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enter).ok()?;
        Some(Self(waiting.clone()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The wait of one request, until a fetch ends or the time is over. A mutex that is never locked
/// makes it `Sync`, as the other futures of the layers are.
pub struct KeyWait(Mutex<Waiting>);

impl KeyWait {
    pub(super) fn new(
        mut ended: watch::Receiver<u64>,
        timer: &AnyTimer,
        limit: Duration,
        slot: Slot,
    ) -> Self {
        let timeout = timer.sleep(limit);
        Self(Mutex::new(Box::pin(async move {
            let _slot = slot;
            let mut timeout = timeout;
            let mut ended = pin!(ended.changed());
            poll_fn(|task| {
                // An error means that the keys are gone, so nothing more can arrive.
                if ended.as_mut().poll(task).is_ready() {
                    return Poll::Ready(());
                }
                timeout.as_mut().poll(task)
            })
            .await
        })))
    }

    pub(in crate::bearer) fn poll(&mut self, task: &mut Context<'_>) -> Poll<()> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(task)
    }
}

tower_auth_core::opaque_debug!(KeyWait, "KeyWait");
