//! The builder of a near-cache.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use quick_cache::OptionsBuilder;
use tower_auth_core::Clock;
use tower_auth_core::store::{Feed, Listener, Store};

use super::cached_entry::Bytewise;
use super::entries::{Entries, Near};
use super::error::NearCacheConfigError;
use super::feed_liveness::FeedLiveness;
use super::key_locks::KeyLocks;
use super::owners::Owners;
use super::record_clock::RecordClock;
use super::uptime::Uptime;
use super::{NearCache, bounds};
use crate::store::key_hasher::KeyHasher;

/// Collects the settings of a [`NearCache`]. See the [module docs](super) for examples.
#[must_use = "nothing is cached before .build()"]
pub struct NearCacheBuilder<S> {
    store: S,
    feed: Option<Arc<dyn Feed>>,
    bounded: Option<Duration>,
    max_bytes: usize,
    max_age: Option<Duration>,
    tolerance: Duration,
    clock: Clock,
    uptime: Option<Clock>,
}

impl<S> NearCacheBuilder<S> {
    /// The minimum of [`max_bytes`](Self::max_bytes): 1 MiB.
    pub const MIN_BYTES: usize = bounds::MIN_BYTES;

    /// The maximum of [`heartbeat_tolerance`](Self::heartbeat_tolerance): 30 s.
    pub const MAX_TOLERANCE: Duration = bounds::MAX_TOLERANCE;

    /// The maximum of [`bounded_staleness`](Self::bounded_staleness): 5 minutes. A cache that is
    /// trusted for longer is not suitable for logins.
    pub const MAX_STALENESS: Duration = bounds::MAX_STALENESS;

    pub(super) fn new(store: S) -> Self {
        Self {
            store,
            feed: None,
            bounded: None,
            max_bytes: 64 << 20,
            max_age: None,
            tolerance: Duration::from_secs(2),
            clock: Clock::system(),
            uptime: None,
        }
    }

    /// Sets the feed that reports changes, which is the store's own. The cache serves entries while
    /// the feed is alive.
    pub fn feed(mut self, feed: impl Feed) -> Self {
        self.feed = Some(Arc::new(feed));
        self
    }

    /// Sets the maximum age of an entry for a cache without a feed, counted from the start of its
    /// read.
    ///
    /// For that time, this node still accepts a session that another node has ended, and does not
    /// see changes that were made there. Writes through this node are visible here at once.
    pub fn bounded_staleness(mut self, bound: Duration) -> Self {
        self.bounded = Some(bound);
        self
    }

    /// Sets the maximum size of all entries together, in bytes, including their overhead. Default:
    /// 64 MiB.
    ///
    /// The least used entries are dropped first. The size is divided among at most as many parts as
    /// it has mebibytes. A record that is larger than a part is not kept.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the maximum age of an entry, counted from its read from the store. Default: 30 s.
    ///
    /// The limit bounds the effect of a faulty feed, so prefer a short one.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Sets how long the feed counts as alive, counted from when it sent its last heartbeat that
    /// was answered. Default: 2 s.
    ///
    /// This node may serve stale data for that time if the feed falls silent. Feeds send a
    /// heartbeat every second.
    pub fn heartbeat_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Sets the clock that decides when records expire. Pass the clock of the store and the layers.
    /// Default: the system's clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the clock that measures the age of reads and heartbeats, for tests. By default it is
    /// the process's monotonic clock, which cannot be set.
    pub fn uptime(mut self, clock: Clock) -> Self {
        self.uptime = Some(clock);
        self
    }
}

impl<S: Store> NearCacheBuilder<S> {
    /// Checks the settings and builds the near-cache, which follows its feed from then on.
    ///
    /// # Errors
    /// Returns a [`NearCacheConfigError`] for settings that are missing, contradictory or out of range.
    pub fn build(self) -> Result<NearCache<S>, NearCacheConfigError> {
        let max_age = match (&self.feed, self.bounded) {
            (None, None) => return Err(NearCacheConfigError::NoFeed),
            (Some(_), Some(_)) => return Err(NearCacheConfigError::FeedAndBound),
            (None, Some(bound)) if bound.is_zero() || bound > Self::MAX_STALENESS => {
                return Err(NearCacheConfigError::Staleness(bound));
            }
            (None, Some(bound)) => self.max_age.map_or(bound, |age| age.min(bound)),
            (Some(_), None) => self.max_age.unwrap_or(Duration::from_secs(30)),
        };
        if max_age.is_zero() {
            return Err(NearCacheConfigError::MaxAge);
        }
        if self.tolerance.is_zero() || self.tolerance > Self::MAX_TOLERANCE {
            return Err(NearCacheConfigError::Tolerance(self.tolerance));
        }
        if self.max_bytes < Self::MIN_BYTES {
            return Err(NearCacheConfigError::MaxBytes(self.max_bytes));
        }
        let record_clock = if self.clock.is_system() && self.uptime.is_none() {
            RecordClock::system()
        } else {
            RecordClock::Other(self.clock.clone())
        };
        let near = Arc::new(Near {
            entries: entries(self.max_bytes),
            key_locks: KeyLocks::new(),
            owners: Owners::new(),
            liveness: self.feed.as_ref().map(|_| FeedLiveness::new(micros(self.tolerance))),
            max_age: micros(max_age),
            record_clock,
            clock: self.clock,
            uptime: self.uptime.map_or_else(Uptime::process, Uptime::Injected),
            lost: Mutex::new(0),
        });
        if let Some(feed) = &self.feed {
            let listener: Arc<dyn Listener> = near.clone();
            feed.follow(Arc::downgrade(&listener));
        }
        Ok(NearCache { store: Arc::new(self.store), near, _feed: self.feed })
    }
}

/// Creates an empty cache of `max_bytes`, with enough parts that a hit rarely meets a write.
fn entries(max_bytes: usize) -> Entries {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = max_bytes / bounds::MIN_BYTES;
    // The cache rounds up to a power of two. Rounding down here keeps the parts large enough.
    let shards = 1 << (cores * 4).min(most).max(1).ilog2();
    let mut options = OptionsBuilder::new();
    options
        .shards(shards)
        .weight_capacity(max_bytes as u64)
        // An estimate within an order of magnitude is enough. It determines how many dropped
        // entries the cache remembers.
        .estimated_items_capacity(max_bytes / 1024);
    #[allow(clippy::expect_used, reason = "it only requires the two sizes, and both are given")]
    let options = options.build().expect("both capacities are given");
    Entries::with_options(options, Bytewise, KeyHasher::new(), Default::default())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

tower_auth_core::opaque_debug!([S] NearCacheBuilder<S>, "NearCacheBuilder");
