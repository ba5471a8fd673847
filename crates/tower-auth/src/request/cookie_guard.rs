//! Withdraws the cookies of an attempt that sends no response.

use std::sync::Arc;

use super::Context;
use crate::jar::JarCheckpoint;

/// Held while a layer is active. On drop it withdraws the cookies that were set inside, unless a
/// response was sent: an outer layer may own the jar, continue, and send another response.
pub struct CookieGuard {
    context: Option<Arc<Context>>,
    before: JarCheckpoint,
}

impl CookieGuard {
    /// Begins before the inner service is called, because its call may set cookies and panic.
    pub(crate) fn new(context: &Arc<Context>) -> Self {
        Self { context: Some(context.clone()), before: context.jar.mark() }
    }

    /// Begins again. The cookies that were set so far are kept.
    #[cfg(feature = "session")]
    pub(crate) fn begin(&mut self) {
        if let Some(context) = &self.context {
            self.before = context.jar.mark();
        }
    }

    /// Withdraws the cookies now, and stays active.
    #[cfg(feature = "session")]
    pub(crate) fn roll_back(&self) {
        if let Some(context) = &self.context {
            context.jar.roll_back(self.before);
        }
    }

    /// Keeps the cookies, because the response is sent.
    pub(crate) fn keep(&mut self) {
        self.context = None;
    }
}

impl Drop for CookieGuard {
    fn drop(&mut self) {
        if let Some(context) = &self.context {
            context.jar.roll_back(self.before);
        }
    }
}

tower_auth_core::opaque_debug!(CookieGuard, "CookieGuard");
