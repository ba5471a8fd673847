//! Keeps a session from expiring idle while a request that uses it is under way.
//!
//! The arrival of a request counts as use, however long the request takes. So the layer touches the
//! store beside the handler. The handler does not wait for the touch, but the response does. If a
//! request takes longer than the idle timeout and the layer has a timer, the layer touches the
//! session again while the request runs.

use std::sync::Arc;
use std::task::{Context as Task, Poll};

use tower_auth_core::Timer as _;
use tower_auth_core::store::{Key, RecordId, RecordKind, StoreError};
use tower_auth_core::timer::Sleep;

use crate::request::Context;
use crate::session::config::Config;
use crate::store::BoxFuture;

/// The touches of one request. Its holder boxes it, because most requests need none.
#[derive(Default)]
pub(super) struct InUse {
    touch: Option<BoxFuture<Result<(), StoreError>>>,
    /// Completes when the next touch is due.
    sleep: Option<Sleep>,
}

impl InUse {
    /// Starts the touch that records the arrival.
    pub(super) fn arrived(config: &Config, id: RecordId) -> Self {
        let touch = config.store.touch(Key::new(RecordKind::Session, id), config.clock.now());
        Self { touch: Some(touch), sleep: None }
    }

    pub(super) const fn is_touching(&self) -> bool {
        self.touch.is_some()
    }

    /// Polls a touch that is under way.
    pub(super) fn poll_touch(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if let Some(touch) = &mut self.touch {
            // `AnyStore` reports a failed touch; the request continues.
            if touch.as_mut().poll(task).is_pending() {
                return Poll::Pending;
            }
            self.touch = None;
        }
        Poll::Ready(())
    }

    /// Touches again, whenever half of the idle timeout has passed while the handler runs.
    pub(super) fn poll_while_waiting(
        &mut self,
        config: &Arc<Config>,
        context: &Context,
        task: &mut Task<'_>,
    ) {
        let Some(timer) = &config.timer else { return };
        let rest = config.idle / 2;
        let sleep = self.sleep.get_or_insert_with(|| timer.sleep(rest));
        while sleep.as_mut().poll(task).is_ready() {
            *sleep = timer.sleep(rest);
            let now = config.clock.now();
            let session = context.session(|slot| slot.made());
            if let Some(id) = session.and_then(|session| session.0.use_at(now)) {
                let mut touch = config.store.touch(Key::new(RecordKind::Session, id), now);
                // Replaces an earlier touch that is still unanswered: its answer would no longer
                // matter.
                self.touch = touch.as_mut().poll(task).is_pending().then_some(touch);
            }
        }
    }
}
