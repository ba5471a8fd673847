//! How a near-cache is set up.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use quick_cache::OptionsBuilder;
use tower_auth_core::Clock;
use tower_auth_core::store::{Feed, Listener, Store};

use super::entries::{Entries, Near};
use super::error::ConfigError;
use super::held::Bytewise;
use super::owners::Owners;
use super::pulse::Pulse;
use super::stripes::Stripes;
use super::uptime::Uptime;
use super::wall::Wall;
use super::{NearCache, bounds};
use crate::store::spread::Spread;

/// Sets up a [`NearCache`]. See the [module docs](super) for examples.
#[must_use = "nothing is cached before .build()"]
pub struct Builder<S> {
    store: S,
    feed: Option<Arc<dyn Feed>>,
    bounded: Option<Duration>,
    max_bytes: usize,
    max_age: Option<Duration>,
    tolerance: Duration,
    clock: Clock,
    uptime: Option<Clock>,
}

impl<S> Builder<S> {
    /// The least that [`max_bytes`](Self::max_bytes) takes: 1 MiB.
    pub const MIN_BYTES: usize = bounds::MIN_BYTES;

    /// The most that [`heartbeat_tolerance`](Self::heartbeat_tolerance) takes: 30 s.
    pub const MAX_TOLERANCE: Duration = bounds::MAX_TOLERANCE;

    /// The most that [`bounded_staleness`](Self::bounded_staleness) takes: 5 minutes. What is to be
    /// believed for longer is no cache of logins any more.
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

    /// Who tells of changes: the store's own feed. Entries are served while it is alive.
    pub fn feed(mut self, feed: impl Feed) -> Self {
        self.feed = Some(Arc::new(feed));
        self
    }

    /// Does without a feed: an entry is served for at most this long after its read began.
    ///
    /// For that long a session that another node has ended is alive on this one, and a change made
    /// there is not seen here. Writes through this node are seen here at once all the same.
    pub fn bounded_staleness(mut self, bound: Duration) -> Self {
        self.bounded = Some(bound);
        self
    }

    /// How many bytes the entries may take together, with what it takes to keep them; 64 MiB by
    /// default. What was used least goes first. It is shared out to at most as many parts as it has
    /// mebibytes; a record larger than a part is not kept.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// For how long an entry is served after the read from the store that it rests on; 30 s by
    /// default. It bounds what a fault in a feed can do, so make it short rather than long.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// For how long the feed counts as alive after a question that was answered had been asked; 2 s
    /// by default. So long may this node be wrong when the feed falls silent. Feeds ask every
    /// second.
    pub fn heartbeat_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The clock by which records expire: the one that the store and the layers have. The system's
    /// by default.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// For tests: counts how long ago a read or a heartbeat was, instead of the process's own
    /// clock, which nobody can set.
    pub fn uptime(mut self, clock: Clock) -> Self {
        self.uptime = Some(clock);
        self
    }
}

impl<S: Store> Builder<S> {
    /// The near-cache, which follows its feed from now on.
    ///
    /// # Errors
    /// What [`ConfigError`] says.
    pub fn build(self) -> Result<NearCache<S>, ConfigError> {
        let max_age = match (&self.feed, self.bounded) {
            (None, None) => return Err(ConfigError::NoFeed),
            (Some(_), Some(_)) => return Err(ConfigError::FeedAndBound),
            (None, Some(bound)) if bound.is_zero() || bound > Self::MAX_STALENESS => {
                return Err(ConfigError::Staleness(bound));
            }
            (None, Some(bound)) => self.max_age.map_or(bound, |age| age.min(bound)),
            (Some(_), None) => self.max_age.unwrap_or(Duration::from_secs(30)),
        };
        if max_age.is_zero() {
            return Err(ConfigError::MaxAge);
        }
        if self.tolerance.is_zero() || self.tolerance > Self::MAX_TOLERANCE {
            return Err(ConfigError::Tolerance(self.tolerance));
        }
        if self.max_bytes < Self::MIN_BYTES {
            return Err(ConfigError::MaxBytes(self.max_bytes));
        }
        let wall = if self.clock.is_system() && self.uptime.is_none() {
            Wall::system()
        } else {
            Wall::Other(self.clock.clone())
        };
        let near = Arc::new(Near {
            entries: entries(self.max_bytes),
            stripes: Stripes::new(),
            owners: Owners::new(),
            pulse: self.feed.as_ref().map(|_| Pulse::new(micros(self.tolerance))),
            max_age: micros(max_age),
            wall,
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

/// An empty cache of so many bytes, in enough parts that hits hardly meet a write.
fn entries(max_bytes: usize) -> Entries {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = max_bytes / bounds::MIN_BYTES;
    // The next power of two would be taken: the last one below leaves the parts large enough.
    let shards = 1 << (cores * 4).min(most).max(1).ilog2();
    let mut options = OptionsBuilder::new();
    options
        .shards(shards)
        .weight_capacity(max_bytes as u64)
        // An estimate within an order of magnitude is enough; it sizes what is remembered of
        // entries that were dropped.
        .estimated_items_capacity(max_bytes / 1024);
    #[allow(clippy::expect_used, reason = "it asks for the two sizes alone, and both are given")]
    let options = options.build().expect("both capacities are given");
    Entries::with_options(options, Bytewise, Spread::new(), Default::default())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

tower_auth_core::opaque_debug!([S] Builder<S>, "near::Builder");
