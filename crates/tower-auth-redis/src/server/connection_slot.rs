//! The states of connections, and the signals between their users and supervisors.

use std::sync::{Mutex, PoisonError};

use redis::aio::MultiplexedConnection;
use tokio::sync::watch;

use super::unavailable::Unavailable;

/// The state of one connection.
#[derive(Default)]
pub(super) struct ConnectionSlot(Mutex<State>);

#[derive(Clone, Default)]
pub(super) enum State {
    /// The connection is being opened. Steps wait for it.
    #[default]
    Connecting,
    Ready(MultiplexedConnection),
    /// The last attempt failed. Steps do not wait for the next one.
    Down(Unavailable),
}

/// The signals between the users of a server and its supervisors.
pub(super) struct ServerSignals {
    /// A user doubts the connections.
    pub(super) doubt: watch::Sender<u64>,
    /// The state of a connection has changed.
    pub(super) changed: watch::Sender<u64>,
}

impl ConnectionSlot {
    pub(super) fn get(&self) -> State {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl ServerSignals {
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
