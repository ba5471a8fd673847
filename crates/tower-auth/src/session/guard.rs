//! The state of one request in the session layer.

use std::sync::Arc;
use std::task::Context as Task;

use http::HeaderMap;
use tower_auth_core::store::RecordId;

use crate::jar::stale::may_remove;
use crate::request::{Context, CookieGuard};
use crate::service::Beside;
use crate::session::config::Config;
use crate::session::in_use::InUse;
use crate::session::{LazySession, Session, SessionError};
use crate::store::BoxFuture;

/// Keeps the request's session open. If the guard drops before [`finish`](Self::finish) (an inner
/// error, a panic, a disconnected client), it discards all changes that were not committed, cookies
/// included.
pub struct SessionGuard {
    // Dropped after this guard's own drop, which closes the session.
    pub(super) cookies: CookieGuard,
    pub(super) context: Arc<Context>,
    /// `None` until the head is ready; until then the context holds the session.
    session: Option<Session>,
    pub(super) in_use: Option<Box<InUse>>,
    /// The layer touches the store again while the request runs.
    keeps_alive: bool,
    /// The response may remove the cookie of a session that ended during the request.
    may_remove: bool,
    /// The layer skips this route.
    pub(super) is_skipped: bool,
    finished: bool,
}

impl SessionGuard {
    pub(super) fn new(context: &Arc<Context>) -> Self {
        Self {
            cookies: CookieGuard::new(context),
            context: context.clone(),
            session: None,
            in_use: None,
            keeps_alive: false,
            may_remove: false,
            is_skipped: false,
            finished: false,
        }
    }

    /// Marks the route as skipped, so that its responses stay unchanged.
    pub(super) fn skipped(self) -> Self {
        let mut skipped = self;
        skipped.is_skipped = true;
        skipped
    }

    /// Reports the use of this session to its store, if it has one.
    pub(super) fn use_session(
        &mut self,
        config: &Config,
        id: RecordId,
        is_due: bool,
        headers: &HeaderMap,
    ) {
        self.may_remove = may_remove(headers);
        if config.transport.is_without_store() {
            if is_due {
                config.transport.reserve_last_use(&self.context);
            }
        } else {
            self.keeps_alive = config.timer.is_some();
            self.in_use = is_due.then(|| Box::new(InUse::arrived(config, id)));
        }
    }

    /// Polls the touches that run beside the handler.
    #[inline]
    pub(super) fn poll_beside(&mut self, config: &Arc<Config>, when: Beside, task: &mut Task<'_>) {
        match when {
            // Before the handler runs, so that the touch takes no time from the handler.
            Beside::Before => {
                if let Some(in_use) = &mut self.in_use {
                    let _ = in_use.poll_touch(task);
                }
            }
            Beside::Pending => {
                if self.keeps_alive {
                    let in_use = self.in_use.get_or_insert_default();
                    in_use.poll_while_waiting(config, &self.context, task);
                }
            }
        }
    }

    /// Returns the store command that must complete before the response may be sent.
    pub(super) fn at_head(&mut self) -> Option<BoxFuture<Result<(), SessionError>>> {
        self.session = self.context.session(LazySession::take);
        self.session.as_mut()?.at_head()
    }

    /// Discards the cookies that were set inside, because another response is sent.
    pub(super) fn roll_back(&self) {
        self.context.jar.release();
        self.cookies.roll_back();
        // A commit or a logout that succeeded before has renewed, created or ended the session, so
        // its cookies are sent again.
        if let Some(session) = &self.session {
            session.0.send_settled();
        }
    }

    /// Completes the request: the response is sent with its cookies.
    pub(super) fn finish(mut self) {
        if self.may_remove
            && let Some(session) = &self.session
        {
            // A refusal may have discarded the cookies that the handler set, so remove the cookie
            // only now.
            session.0.remove_dead();
        }
        self.finished = true;
        self.cookies.keep();
    }
}

impl Drop for SessionGuard {
    fn drop(&mut self) {
        if !self.finished {
            let session = self.session.take().or_else(|| self.context.session(LazySession::take));
            if let Some(session) = session {
                session.0.close();
            }
            self.context.jar.release();
        }
    }
}

tower_auth_core::opaque_debug!(SessionGuard, "Guard");
