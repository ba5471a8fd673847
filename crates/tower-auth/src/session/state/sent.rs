//! The cookies of changes that the store has accepted. The response carries them even if a later
//! change of the request fails.

use crate::request::Context;
use crate::session::state::{Base, Cell, Inner};

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
    pub(in crate::session) fn note_removal(&mut self, cell: &Cell, context: &Context) {
        if self.sent == Sent::Nothing && cell.config.carrier.is_removed(context) {
            self.sent = Sent::Removed;
        }
    }

    /// Withdraws the cookie of a login that failed, and no other cookie.
    pub(in crate::session) fn take_back(&self, cell: &Cell) {
        if let Some(context) = self.context(cell) {
            cell.config.carrier.withdraw(&context);
            self.send_again(cell, &context);
        }
    }

    fn send_again(&self, cell: &Cell, context: &Context) {
        let carrier = &cell.config.carrier;
        match (self.sent, &self.base) {
            // The credential of an ended session is useless.
            (Sent::Given, Base::Live(live)) if !self.is_dead => {
                carrier.write(context, &live.credential);
                carrier.remove_elsewhere(context);
                carrier.write_record(context, live);
            }
            (Sent::Removed, _) => carrier.remove_own(context),
            _ => {}
        }
    }
}

impl Cell {
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
