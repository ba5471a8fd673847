//! Keeps a session from expiring idle while a request that uses it is under way.
//!
//! The arrival of a request counts as use, however long the request takes then. So the store is
//! touched next to the handler, which does not wait for it; the response does. A request that takes
//! longer than the idle timeout is touched again while it runs, if the layer has a timer.

use std::sync::Arc;
use std::task::{Context as Task, Poll};

use tower_auth_core::Timer as _;
use tower_auth_core::store::{Handle, Key, Kind, StoreError};
use tower_auth_core::timer::Sleep;

use crate::request::Context;
use crate::session::config::Config;
use crate::store::BoxFuture;

/// What a request does for its session while it runs. Boxed by its holder, since most requests have
/// nothing to do.
#[derive(Default)]
pub(super) struct InUse {
    touch: Option<BoxFuture<Result<(), StoreError>>>,
    /// Until the next touch is due.
    sleep: Option<Sleep>,
}

impl InUse {
    /// Notes the arrival with the store.
    pub(super) fn arrived(config: &Config, handle: Handle) -> Self {
        let touch = config.store.touch(Key::new(Kind::Session, handle), config.clock.now());
        Self { touch: Some(touch), sleep: None }
    }

    pub(super) const fn is_touching(&self) -> bool {
        self.touch.is_some()
    }

    /// Goes on with a touch that is under way.
    pub(super) fn poll_touch(&mut self, task: &mut Task<'_>) -> Poll<()> {
        if let Some(touch) = &mut self.touch {
            // One that fails is reported by the store's watch; the request goes on all the same.
            if touch.as_mut().poll(task).is_pending() {
                return Poll::Pending;
            }
            self.touch = None;
        }
        Poll::Ready(())
    }

    /// While the handler waits: touches again whenever half of the idle timeout has passed.
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
            if let Some(handle) = session.and_then(|session| session.0.use_at(now)) {
                let mut touch = config.store.touch(Key::new(Kind::Session, handle), now);
                // An earlier one that has not been answered by now tells nothing new.
                self.touch = touch.as_mut().poll(task).is_pending().then_some(touch);
            }
        }
    }
}
