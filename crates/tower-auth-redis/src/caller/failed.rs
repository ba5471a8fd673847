//! The reasons for a missing answer.

use std::error::Error;
use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind};
use tower_auth_core::store::StoreError;

use crate::server::{Server, Unavailable};
use crate::topology::Topology;

/// Too few replicas confirmed the end.
#[derive(Debug)]
pub(super) struct Unconfirmed;

impl fmt::Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too few replicas confirmed the end")
    }
}

impl Error for Unconfirmed {}

pub(super) fn store_error(down: Unavailable) -> StoreError {
    if down.is::<Unconfirmed>() { StoreError::unconfirmed() } else { StoreError::unavailable(down) }
}

/// The reason for a missing answer.
#[derive(Clone)]
pub(super) enum Failed {
    /// There is no connection.
    Away(Unavailable),
    /// The server or the connection returned an error.
    Said(RedisError),
}

impl Failed {
    pub(super) fn kind(&self) -> Option<ServerErrorKind> {
        match self {
            Self::Said(error) => match error.kind() {
                ErrorKind::Server(kind) => Some(kind),
                _ => None,
            },
            Self::Away(_) => None,
        }
    }
}

/// A guard that has the connection checked if a step is dropped before its answer arrived, usually
/// by a time-out.
pub(super) struct Doubt<'a> {
    topology: &'a Topology,
    server: &'a Server,
    on: bool,
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if self.on {
            self.topology.doubt(self.server);
        }
    }
}

impl<'a> Doubt<'a> {
    pub(super) const fn begin(topology: &'a Topology, server: &'a Server) -> Self {
        Self { topology, server, on: true }
    }

    pub(super) fn end(mut self) {
        self.on = false;
    }
}

/// Whether the error concerns the server rather than the command.
pub(super) fn is_of_the_server(kind: ServerErrorKind) -> bool {
    use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, ReadOnly};
    matches!(kind, BusyLoading | ClusterDown | MasterDown | ReadOnly)
}
