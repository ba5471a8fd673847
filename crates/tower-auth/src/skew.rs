//! The age of a time that another node may have written.
//!
//! The clocks of two nodes differ. A store's record holds the time of a rotation by the clock of
//! the node that rotated; another node compares it with its own clock.

use std::time::Duration;

use tower_auth_core::Timestamp;

/// The difference between two nodes' clocks that this crate tolerates. Time servers keep it far
/// below a second.
pub(crate) const SKEW: Duration = Duration::from_secs(5);

/// The age of a time `at`, written by another node's clock, at `now` by this node's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age {
    /// The time that has passed since then; zero if the time is in the future.
    past: Duration,
    /// The time until then, if it is in the future.
    ahead: Duration,
}

impl Age {
    pub(crate) fn of(at: Timestamp, now: Timestamp) -> Self {
        Self { past: now.since(at), ahead: at.since(now) }
    }

    /// Returns `true` if, by either node's clock, less than `window` may have passed. The clocks
    /// may differ by [`SKEW`]. A time further in the future than the window and the skew is
    /// ignored: a clock that is wrong by an hour would keep the window open for an hour. In an
    /// empty window, nothing is recent.
    #[cfg(feature = "refresh")]
    pub(crate) fn may_be_within(self, window: Duration) -> bool {
        let reach = window + SKEW;
        !window.is_zero() && self.past < reach && self.ahead <= reach
    }

    /// Returns `true` if less than `window` has passed by this node's clock. A time in the future
    /// counts up to the window and [`SKEW`], for the same reason.
    #[cfg(feature = "session")]
    pub(crate) fn is_within(self, window: Duration) -> bool {
        self.past < window && self.ahead <= window + SKEW
    }

    /// Returns `true` if the two clocks differ by more than this crate tolerates.
    pub(crate) fn shows_skew(self) -> bool {
        self.ahead > SKEW
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tower_auth_core::Timestamp;

    use super::{Age, SKEW};

    const WINDOW: Duration = Duration::from_secs(10);
    const TICK: Duration = Duration::from_micros(1);

    #[cfg(feature = "session")]
    #[test]
    fn a_moment_is_within_a_window_of_ones_own_clock_and_no_further_ahead_than_may_be() {
        let now = Timestamp::from_unix_seconds(1_000_000);
        let within = |at, now| Age::of(at, now).is_within(WINDOW);
        assert!(within(now, now + (WINDOW - TICK)) && !within(now, now + WINDOW));
        let reach = WINDOW + SKEW;
        assert!(within(now + reach, now) && !within(now + reach + TICK, now));
    }

    #[cfg(feature = "refresh")]
    #[test]
    fn a_moment_is_recent_up_to_the_window_and_the_skew_in_both_directions() {
        let now = Timestamp::from_unix_seconds(1_000_000);
        let ago = |past| Age::of(now, now + past);
        let ahead = |ahead| Age::of(now + ahead, now);
        let reach = WINDOW + SKEW;
        for age in [ago(Duration::ZERO), ago(reach - TICK), ahead(TICK), ahead(reach)] {
            assert!(age.may_be_within(WINDOW), "{age:?}");
            assert!(!age.may_be_within(Duration::ZERO), "{age:?}");
        }
        for age in [ago(reach), ago(10 * reach), ahead(reach + TICK), ahead(10 * reach)] {
            assert!(!age.may_be_within(WINDOW), "{age:?}");
        }
    }

    #[test]
    fn skew_shows_where_a_moment_lies_further_ahead_than_is_borne() {
        let now = Timestamp::from_unix_seconds(1_000_000);
        assert!(Age::of(now + SKEW + TICK, now).shows_skew());
        for (at, now) in [(now + SKEW, now), (now, now), (now, now + 10 * SKEW)] {
            assert!(!Age::of(at, now).shows_skew());
        }
    }
}
