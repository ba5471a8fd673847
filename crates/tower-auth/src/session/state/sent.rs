//! The cookies of changes that the store has accepted. The response carries them even if a later
//! change of the request fails.

use crate::request::Context;
use crate::session::state::{Inner, Loaded, SessionState};

/// The cookies of the request's session that the response carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Sent {
    Nothing,
    /// The credential of the session that the store has, and its record if the client keeps the
    /// record.
    Given,
    /// The removal of the cookies of an ended session.
    Removed,
}

impl Inner {
    /// Notes that the response so far removes the cookie. Called before a login writes its cookie,
    /// so that the removal is written again if the login fails.
    pub(in crate::session) fn note_removal(&mut self, cell: &SessionState, context: &Context) {
        if self.sent == Sent::Nothing && cell.config.transport.is_removed(context) {
            self.sent = Sent::Removed;
        }
    }

    /// Withdraws the cookie of a login that failed, and no other cookie.
    pub(in crate::session) fn take_back(&self, cell: &SessionState) {
        if let Some(context) = self.context(cell) {
            cell.config.transport.withdraw(&context);
            self.send_again(cell, &context);
        }
    }

    fn send_again(&self, cell: &SessionState, context: &Context) {
        let transport = &cell.config.transport;
        match (self.sent, &self.loaded) {
            // The credential of an ended session is useless.
            (Sent::Given, Loaded::Live(live)) if !self.is_dead => {
                transport.write(context, &live.credential);
                transport.remove_elsewhere(context);
                transport.write_record(context, live);
            }
            (Sent::Removed, _) => transport.remove_own(context),
            _ => {}
        }
    }
}

impl SessionState {
    /// Writes the cookies of accepted changes into a refusal, which drops the cookies of the
    /// handler.
    pub(in crate::session) fn send_settled(&self) {
        let inner = self.lock();
        if inner.sent != Sent::Nothing
            && let Some(context) = inner.context(self)
        {
            inner.send_again(self, &context);
        }
    }
}
