//! Who hears of the changes that others make.

use std::sync::Weak;

use super::Key;

/// Tells of changes to a store's records, whoever makes them: what keeps a cache in this process
/// honest.
///
/// A feed promises, for every record that is changed, ended or removed at the store after
/// [`follow`](Self::follow): either the listener is told that it [changed](Listener::changed), or it
/// is told that the feed was [lost](Listener::lost), or no question that was asked after the change
/// is [answered](Listener::answered). So a listener that trusts what it knows only for a while after
/// the last answered question is never wrong for longer than that while, whatever breaks.
pub trait Feed: Send + Sync + 'static {
    /// Begins to tell the listener, until it is dropped.
    fn follow(&self, listener: Weak<dyn Listener>);
}

/// Who is told by a [`Feed`].
pub trait Listener: Send + Sync + 'static {
    /// What lay under the key may be another now.
    fn changed(&self, key: &Key);

    /// Anything may have changed: the feed was interrupted.
    fn lost(&self);

    /// The feed is about to ask the server for a sign of life, on the way on which changes come.
    fn asks(&self) -> Asked;

    /// The server has answered that question: all changes from before it was asked have been told,
    /// and the server is the one that takes the writes.
    fn answered(&self, asked: Asked);
}

/// When a question was asked, by the listener's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked(u64);

impl Asked {
    /// At that reading of the listener's clock.
    #[must_use]
    pub const fn at(reading: u64) -> Self {
        Self(reading)
    }

    /// The reading.
    #[must_use]
    pub const fn reading(self) -> u64 {
        self.0
    }
}
