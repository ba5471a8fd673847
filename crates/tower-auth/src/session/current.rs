//! The request that a thread is at work on just now, as far as its own sessions go.
//!
//! [`Sessions`](super::Sessions) lies in the application's state and knows of no request. A handler
//! that ends its own session by it has logged out, though, and goes on without a session. So while
//! a request's handler is polled, its context lies here; a future that is polled elsewhere, such as
//! a task that the handler spawned, is no part of the request.

use std::cell::Cell;
use std::sync::Arc;

use super::Session;
use super::config::Config;
use crate::context::Context;

thread_local! {
    static CURRENT: Cell<Option<Arc<Context>>> = const { Cell::new(None) };
}

/// The session of the current request, if it was asked for and is of this layer.
pub(super) fn session(config: &Arc<Config>) -> Option<Session> {
    let context = CURRENT.take()?;
    let session = context.session(|slot| slot.made());
    CURRENT.set(Some(context));
    session.filter(|session| Arc::ptr_eq(&session.0.config, config))
}

/// While this lives, the request of that context is the current one; afterwards the one before it
/// is again. The context lies in its slot in between, so that nothing is counted at each poll.
pub(super) struct Entered<'s> {
    slot: &'s mut Option<Arc<Context>>,
    before: Option<Arc<Context>>,
}

impl<'s> Entered<'s> {
    pub(super) fn new(slot: &'s mut Option<Arc<Context>>) -> Self {
        let before = CURRENT.replace(slot.take());
        Self { slot, before }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *self.slot = CURRENT.replace(self.before.take());
    }
}
