//! The settings of connections.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// The settings of all connections of a store.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The number of connections to each server.
    pub(crate) connections: usize,
    /// The time limit of each operation on a connection.
    pub(crate) timeout: Duration,
    /// Counts the connections opened so far.
    pub(crate) made: Arc<AtomicU64>,
}
