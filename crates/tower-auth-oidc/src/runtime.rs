//! Tokio's tasks. Only this file of the crate starts one.

use std::future::Future;

use tokio::runtime::Handle;

/// The runtime of the caller.
pub(crate) struct Runtime(Handle);

impl Runtime {
    /// Returns the runtime of the caller, if there is one.
    pub(crate) fn current() -> Option<Self> {
        Handle::try_current().ok().map(Self)
    }

    /// Runs `task`, which must end by itself.
    #[expect(
        clippy::disallowed_methods,
        reason = "everything else in this crate calls this method"
    )]
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.spawn(task);
    }
}
