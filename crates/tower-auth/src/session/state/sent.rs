//! What a request has settled with the store, and its response therefore tells the client, whatever
//! a later change of the request comes to.

use crate::request::Context;
use crate::session::state::{Base, Cell, Inner};

/// What the response does with the client's cookies of its session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::session) enum Sent {
    Nothing,
    /// It gives the credential of the session that the store has, and its record if the client keeps
    /// that.
    Given,
    /// It removes the cookies of a session that is over.
    Removed,
}

impl Inner {
    /// Before the cookie of a login is written: notes that the response removes the cookie so far, so
    /// that it does so again if the login fails.
    pub(in crate::session) fn note_removal(&mut self, cell: &Cell, context: &Context) {
        if self.sent == Sent::Nothing && cell.config.carrier.is_removed(context) {
            self.sent = Sent::Removed;
        }
    }

    /// Takes the cookie of a login that failed back, and no other.
    pub(in crate::session) fn take_back(&self, cell: &Cell) {
        if let Some(context) = self.context(cell) {
            cell.config.carrier.withdraw(&context);
            self.send_again(cell, &context);
        }
    }

    fn send_again(&self, cell: &Cell, context: &Context) {
        let carrier = &cell.config.carrier;
        match (self.sent, &self.base) {
            // The credential of a session that has ended is of no use.
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
    /// Writes into a refusal, which drops the handler's cookies, what the store has been told before.
    pub(in crate::session) fn send_settled(&self) {
        let inner = self.lock();
        if inner.sent != Sent::Nothing
            && let Some(context) = inner.context(self)
        {
            inner.send_again(self, &context);
        }
    }
}
