//! The times of the next fetch.

use std::time::Duration;

use proptest::prelude::*;

use super::{Bounds, UNSTATED};
use crate::fetch::Freshness;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn fresh_for(seconds: u64) -> Freshness {
    Freshness { max_age: Some(Duration::from_secs(seconds)), ..Freshness::default() }
}

#[test]
fn keys_are_refreshed_before_the_providers_time_is_over() {
    let bounds = Bounds::default();
    assert_eq!(bounds.refresh_in(&fresh_for(1000), 0.0), seconds(800));
    assert_eq!(bounds.refresh_in(&fresh_for(1000), 1.0), seconds(880));
    let unstated = bounds.refresh_in(&Freshness::default(), 0.0);
    assert_eq!(unstated, UNSTATED.mul_f64(0.8));
}

/// Some providers state a day, others say that their keys must not be stored.
#[test]
fn the_providers_time_counts_within_a_floor_and_a_ceiling() {
    let bounds = Bounds::default();
    assert_eq!(bounds.refresh_in(&fresh_for(86_400), 0.0), seconds(48 * 60));
    assert_eq!(bounds.refresh_in(&fresh_for(86_400), 1.0), seconds(48 * 60).mul_f64(1.1));
    assert_eq!(bounds.refresh_in(&fresh_for(0), 0.0), seconds(60));
    for freshness in [
        Freshness { no_store: true, ..fresh_for(86_400) },
        Freshness { no_cache: true, ..fresh_for(86_400) },
    ] {
        assert_eq!(bounds.refresh_in(&freshness, 0.0), seconds(60));
    }
}

#[test]
fn attempts_after_failures_become_rarer_up_to_the_floor() {
    let bounds = Bounds::default();
    let delays: Vec<_> = (1..=8).map(|it| bounds.retry_in(it, 0.0).as_secs()).collect();
    assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(bounds.retry_in(7, 1.0), seconds(30));
    assert_eq!(bounds.retry_in(u32::MAX, 0.0), seconds(60));
    assert_eq!(bounds.retry_in(0, 0.0), seconds(1));
}

/// An hour of outage: the number of attempts that a provider receives from one process.
#[test]
fn an_hour_of_failures_is_a_bounded_number_of_attempts() {
    for (fraction, most) in [(0.0, 70), (1.0, 140)] {
        let (mut passed, mut attempts) = (Duration::ZERO, 0);
        while passed < seconds(3600) {
            attempts += 1;
            passed += Bounds::default().retry_in(attempts, fraction);
        }
        assert!(attempts < most, "{attempts}");
    }
}

proptest! {
    #[test]
    fn a_refresh_is_within_the_bounds(
        max_age in prop::option::of(0_u64..1 << 32),
        no_store: bool,
        floor in 1_u64..7200,
        more in 0_u64..7200,
        fraction in 0.0_f64..=1.0,
    ) {
        let bounds = Bounds { floor: seconds(floor), ceiling: seconds(floor + more) };
        let freshness = Freshness {
            max_age: max_age.map(Duration::from_secs), no_store, no_cache: false,
        };
        let delay = bounds.refresh_in(&freshness, fraction);
        prop_assert!(delay >= bounds.floor);
        prop_assert!(delay <= bounds.ceiling.mul_f64(0.8).max(bounds.floor).mul_f64(1.1));
        let retry = bounds.retry_in(u32::try_from(more).unwrap_or(0), fraction);
        prop_assert!(retry <= bounds.floor && retry > Duration::ZERO);
    }
}
