//! The request that a thread currently handles.
//!
//! [`Sessions`](crate::session::Sessions) belongs to the application's state and has no request.
//! But if a handler ends its own session through it, the handler has logged out and continues
//! without a session. So while a request's handler is polled, its context is the thread's current
//! one. A future that is polled elsewhere, such as a task that the handler spawned, is not part of
//! the request.

use std::cell::Cell;
use std::sync::Arc;

use super::Context;

thread_local! {
    static CURRENT: Cell<Option<Arc<Context>>> = const { Cell::new(None) };
}

/// Reads the current request's context, if there is one.
pub(crate) fn with<T>(read: impl FnOnce(&Context) -> T) -> Option<T> {
    let taken = Taken(Some(CURRENT.take()?));
    taken.0.as_deref().map(read)
}

/// Restores the context on drop, so that the request stays the current one after a caught panic of
/// a reader.
struct Taken(Option<Arc<Context>>);

impl Drop for Taken {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Makes the request of that context the current one while it exists; its drop restores the
/// previous one. Meanwhile the current slot holds the context itself, so that a poll counts no
/// reference.
pub(crate) struct Entered<'s> {
    slot: &'s mut Option<Arc<Context>>,
    before: Option<Arc<Context>>,
}

impl<'s> Entered<'s> {
    /// `None` if the slot is empty: the request need not be current.
    #[inline(always)]
    pub(super) fn new(slot: &'s mut Option<Arc<Context>>) -> Option<Self> {
        let context = slot.take()?;
        let before = CURRENT.replace(Some(context));
        Some(Self { slot, before })
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *self.slot = CURRENT.replace(self.before.take());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use http::Request;

    use super::super::{LayerFlag, RequestScope};
    use super::{Entered, with};

    #[test]
    fn a_reader_that_panics_leaves_the_request_current() {
        let mut request = Request::new(());
        let scope = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
        let mut slot = Some(scope.context().clone());
        let entered = Entered::new(&mut slot).unwrap();
        let panicked = catch_unwind(AssertUnwindSafe(|| with(|_| panic!("a reader's own"))));
        assert!(panicked.is_err());
        assert!(with(|context| std::ptr::eq(context, &**scope.context())).unwrap());
        drop(entered);
        assert!(slot.is_some() && with(|_| ()).is_none());
    }
}
