//! The places of connections, and the signs that their users and keepers give.

use std::sync::{Mutex, PoisonError};

use redis::aio::MultiplexedConnection;
use tokio::sync::watch;

use super::down::Down;

/// Where one connection is held.
#[derive(Default)]
pub(super) struct Place(Mutex<State>);

#[derive(Clone, Default)]
pub(super) enum State {
    /// Somebody is on the way; worth waiting for.
    #[default]
    Connecting,
    Ready(MultiplexedConnection),
    /// The last attempt failed; nobody waits for the next.
    Down(Down),
}

/// What the users of a server and its keepers tell each other.
pub(super) struct Signs {
    /// Somebody doubts the connections.
    pub(super) doubt: watch::Sender<u64>,
    /// A place has another state.
    pub(super) changed: watch::Sender<u64>,
}

impl Place {
    pub(super) fn get(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl Signs {
    pub(super) fn new() -> Self {
        Self { doubt: watch::Sender::new(0), changed: watch::Sender::new(0) }
    }

    pub(super) fn doubt(&self) {
        self.doubt.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn changed(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }
}
