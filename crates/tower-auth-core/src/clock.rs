//! Time, with a clock that tests can move.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[cfg(test)]
mod tests;

/// A point in time, in microseconds since the Unix epoch.
///
/// tower-auth uses only this type for points in time. It is eight bytes and ordered. Its arithmetic
/// saturates, so a hostile or absurd duration can end a session but never wrap around.
///
/// ```
/// use std::time::Duration;
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Timestamp;
///
/// let login = Timestamp::from_unix_seconds(1_767_225_600);
/// let later = login + Duration::from_secs(90);
/// assert_eq!(later.since(login), Duration::from_secs(90));
/// assert_eq!(login.since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The latest representable time, used for "never".
    pub const MAX: Self = Self(u64::MAX);

    /// Creates the time `seconds` after the Unix epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Creates the time `micros` microseconds after the Unix epoch.
    #[must_use]
    pub const fn from_unix_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Returns whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_unix_seconds(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Returns microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_unix_micros(self) -> u64 {
        self.0
    }

    /// Returns the duration since `earlier`. Zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(micros))
    }
}

impl From<SystemTime> for Timestamp {
    /// Converts a system time. Times before the epoch become the epoch.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }
}

impl From<Timestamp> for SystemTime {
    /// Converts to a system time. Times that `SystemTime` cannot hold become the end of the year
    /// 9999.
    fn from(timestamp: Timestamp) -> Self {
        let last = UNIX_EPOCH + Duration::from_secs(253_402_300_799);
        UNIX_EPOCH.checked_add(Duration::from_micros(timestamp.0)).unwrap_or(last)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// The source of a [`Clock`]'s time.
pub trait TimeSource: Send + Sync + 'static {
    /// Returns the current time. May be called from any thread, on every request.
    fn now(&self) -> Timestamp;
}

/// The clock of layers and stores: the system's clock by default, an injected one in tests.
///
/// A clone shows the same time. Share one clock among all layers and stores of an application.
/// Otherwise a store may expire a record that a layer still considers live.
///
/// ```
/// use tower_auth_core::clock::{Clock, TimeSource, Timestamp};
///
/// struct Stopped;
/// impl TimeSource for Stopped {
///     fn now(&self) -> Timestamp {
///         Timestamp::from_unix_seconds(1_767_225_600)
///     }
/// }
///
/// assert_eq!(Clock::new(Stopped).now().as_unix_seconds(), 1_767_225_600);
/// assert!(Clock::system().now() > Clock::new(Stopped).now());
/// ```
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn TimeSource>>);

impl Clock {
    /// Creates a clock that shows the system's time.
    #[must_use]
    pub const fn system() -> Self {
        Self(None)
    }

    /// Creates a clock that reads `source`. `tower-auth-test` has a clock that tests can move.
    pub fn new(source: impl TimeSource) -> Self {
        Self(Some(Arc::new(source)))
    }

    /// Returns `true` if the clock shows the system's time, and `false` for an injected source.
    #[must_use]
    pub const fn is_system(&self) -> bool {
        self.0.is_none()
    }

    /// Returns `true` if both clocks read the same source: both the system's, or one a clone of the
    /// other.
    ///
    /// ```
    /// # use tower_auth_core as tower_auth;
    /// use tower_auth::Clock;
    /// # use tower_auth_core::clock::{TimeSource, Timestamp};
    /// # #[derive(Clone)]
    /// # struct Stopped;
    /// # impl TimeSource for Stopped {
    /// #     fn now(&self) -> Timestamp { Timestamp::from_unix_seconds(1_767_225_600) }
    /// # }
    ///
    /// let clock = Clock::new(Stopped);
    /// assert!(clock.is_same_as(&clock.clone()));
    /// assert!(!clock.is_same_as(&Clock::new(Stopped)));
    /// assert!(!clock.is_same_as(&Clock::system()));
    /// assert!(Clock::system().is_same_as(&Clock::system()));
    /// ```
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs),
            _ => false,
        }
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.as_ref().map_or_else(system_time, |source| source.now())
    }
}

#[expect(clippy::disallowed_methods, reason = "all other code gets the time from `Clock::system`")]
fn system_time() -> Timestamp {
    SystemTime::now().into()
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            None => "Clock(system)",
            Some(_) => "Clock(injected)",
        })
    }
}
