//! Why a near-cache is not built.

use std::fmt;
use std::time::Duration;

use super::bounds;

/// What is wrong with the settings of a [`Builder`](super::Builder). The message says what to do.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Nothing tells of changes, and nobody said that stale answers are fine.
    NoFeed,
    /// Both a feed and a bounded staleness.
    FeedAndBound,
    /// A bounded staleness of nothing, or beyond [`Builder::MAX_STALENESS`](super::Builder::MAX_STALENESS).
    Staleness(Duration),
    /// A greatest age of nothing.
    MaxAge,
    /// A heartbeat that may take no time at all, or more than
    /// [`Builder::MAX_TOLERANCE`](super::Builder::MAX_TOLERANCE).
    Tolerance(Duration),
    /// Fewer bytes than [`Builder::MIN_BYTES`](super::Builder::MIN_BYTES).
    MaxBytes(usize),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFeed => f.write_str(
                "nothing tells this near-cache of changes that other nodes make, so a session \
                 ended there would live on here: give it the store's .feed(…), or say with \
                 .bounded_staleness(…) for how long that may be",
            ),
            Self::FeedAndBound => f.write_str(
                ".bounded_staleness is for a near-cache without a feed; with one, say .max_age",
            ),
            Self::Staleness(bound) => write!(
                f,
                ".bounded_staleness({bound:?}) must be more than nothing and at most {:?}",
                bounds::MAX_STALENESS
            ),
            Self::MaxAge => f.write_str(".max_age of nothing keeps nothing: leave the cache out"),
            Self::Tolerance(tolerance) => write!(
                f,
                ".heartbeat_tolerance({tolerance:?}) must be more than nothing and at most {:?}",
                bounds::MAX_TOLERANCE
            ),
            Self::MaxBytes(bytes) => write!(
                f,
                ".max_bytes({bytes}) is too little for a cache: give it {} or more",
                bounds::MIN_BYTES
            ),
        }
    }
}

impl std::error::Error for ConfigError {}

tower_auth_core::debug_as_report!(ConfigError);
