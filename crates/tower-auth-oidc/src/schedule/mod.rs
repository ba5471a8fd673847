//! The time of the next fetch. Pure functions: the caller gives the random fraction.

#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::fetch::Freshness;

/// The bounds of the time between two fetches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The shortest time from a success to the next fetch, and the longest time from a failure to
    /// the next attempt.
    pub(crate) floor: Duration,
    /// The longest time from a success to the next fetch.
    pub(crate) ceiling: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { floor: Duration::from_secs(60), ceiling: Duration::from_secs(60 * 60) }
    }
}

/// The time for which an answer is fresh if the server does not say.
pub(crate) const UNSTATED: Duration = Duration::from_secs(10 * 60);

/// The delay of the first attempt after a failure. Each further failure doubles it.
const FIRST_RETRY: Duration = Duration::from_secs(1);

impl Bounds {
    /// Returns the time from a successful fetch to the next one.
    ///
    /// It is ahead of the end of the server's time: after 80 to 88 % of it, by `fraction`, which is
    /// from 0 to 1. So processes that started together do not fetch together. It is never shorter
    /// than the floor.
    pub(crate) fn refresh_in(&self, freshness: &Freshness, fraction: f64) -> Duration {
        let stated = match freshness {
            Freshness { no_store: true, .. } | Freshness { no_cache: true, .. } => Duration::ZERO,
            Freshness { max_age, .. } => max_age.unwrap_or(UNSTATED),
        };
        let early = stated.min(self.ceiling).mul_f64(0.8).max(self.floor);
        early.mul_f64(1.0 + fraction * 0.1)
    }

    /// Returns the time from a failed fetch to the next attempt, after this number of failures in
    /// a row.
    ///
    /// It doubles with each failure up to the floor. So an outage is over here at most one floor
    /// after it is over at the provider. `fraction` takes up to half of it away.
    pub(crate) fn retry_in(&self, failures: u32, fraction: f64) -> Duration {
        let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(16));
        doubled.min(self.floor).mul_f64(1.0 - fraction * 0.5)
    }
}
