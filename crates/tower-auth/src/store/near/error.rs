//! The errors of building a near-cache.

use std::fmt;
use std::time::Duration;

use super::bounds;

/// A problem with the settings of a [`NearCacheBuilder`](super::NearCacheBuilder). The message names the fix.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NearCacheConfigError {
    /// There is neither a feed nor a bounded staleness.
    NoFeed,
    /// There are both a feed and a bounded staleness.
    FeedAndBound,
    /// The bounded staleness is zero, or exceeds
    /// [`NearCacheBuilder::MAX_STALENESS`](super::NearCacheBuilder::MAX_STALENESS).
    Staleness(Duration),
    /// The maximum age is zero.
    MaxAge,
    /// The heartbeat tolerance is zero, or exceeds
    /// [`NearCacheBuilder::MAX_TOLERANCE`](super::NearCacheBuilder::MAX_TOLERANCE).
    Tolerance(Duration),
    /// The maximum size is below [`NearCacheBuilder::MIN_BYTES`](super::NearCacheBuilder::MIN_BYTES).
    MaxBytes(usize),
}

impl fmt::Display for NearCacheConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFeed => f.write_str(
                "this near-cache does not receive changes that other nodes make, so a session \
                 ended there would stay valid here: add the store's .feed(…), or limit that \
                 time with .bounded_staleness(…)",
            ),
            Self::FeedAndBound => f.write_str(
                ".bounded_staleness is for a near-cache without a feed; with a feed, use .max_age",
            ),
            Self::Staleness(bound) => write!(
                f,
                ".bounded_staleness({bound:?}) must be more than zero and at most {:?}",
                bounds::MAX_STALENESS
            ),
            Self::MaxAge => f.write_str(".max_age of zero keeps no entries: remove the cache"),
            Self::Tolerance(tolerance) => write!(
                f,
                ".heartbeat_tolerance({tolerance:?}) must be more than zero and at most {:?}",
                bounds::MAX_TOLERANCE
            ),
            Self::MaxBytes(bytes) => write!(
                f,
                ".max_bytes({bytes}) is too small for a cache: allow {} or more",
                bounds::MIN_BYTES
            ),
        }
    }
}

impl std::error::Error for NearCacheConfigError {}

tower_auth_core::debug_as_report!(NearCacheConfigError);
