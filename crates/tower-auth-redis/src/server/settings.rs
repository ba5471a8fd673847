//! The settings of connections.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// How servers are connected to.
#[derive(Clone)]
pub(crate) struct Settings {
    /// How many connections are held to each.
    pub(crate) connections: usize,
    /// How long one may take to do anything.
    pub(crate) timeout: Duration,
    /// Counts the connections that were made.
    pub(crate) made: Arc<AtomicU64>,
}
