//! Notifications about changes that other processes make.

use std::sync::Weak;

use super::Key;

/// A feed of changes to a store's records, from any writer. It keeps a cache in this process
/// consistent.
///
/// For every record that is changed, ended or removed after [`follow`](Self::follow), a feed
/// promises one of three things:
///
/// - it reports the [change](Listener::changed) to the listener;
/// - it reports to the listener that the feed was [lost](Listener::lost);
/// - it [answers](Listener::answered) no question that was asked after the change.
///
/// A listener that trusts its knowledge only for a limited time after the last answered question is
/// therefore never wrong for longer than that time, whatever fails.
pub trait Feed: Send + Sync + 'static {
    /// Reports changes to `listener` until it is dropped.
    fn follow(&self, listener: Weak<dyn Listener>);
}

/// The receiver of a [`Feed`]'s notifications.
pub trait Listener: Send + Sync + 'static {
    /// The record under `key` may have changed.
    fn changed(&self, key: &Key);

    /// Any record may have changed: the feed was interrupted.
    fn lost(&self);

    /// The feed is about to ask the server for a sign of life, over the connection that delivers
    /// changes.
    fn asks(&self) -> Asked;

    /// The server has answered that question. All changes from before the question have been
    /// reported, and the server is the one that accepts writes.
    fn answered(&self, asked: Asked);
}

/// The time of a question, by the listener's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked(u64);

impl Asked {
    /// Creates the time from a reading of the listener's clock.
    #[must_use]
    pub const fn at(reading: u64) -> Self {
        Self(reading)
    }

    /// Returns the reading.
    #[must_use]
    pub const fn reading(self) -> u64 {
        self.0
    }
}
