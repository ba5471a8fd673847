//! Tests of the checker.

use std::time::{Duration, Instant};

use crate::checker::{Checker, What};

/// Records a missing change that was acknowledged at this moment. Returns the number of forbidden
/// outcomes.
fn forbidden(checker: &Checker, what: What, acknowledged: Instant) -> usize {
    checker.event(what, acknowledged, String::new());
    checker.notes().forbidden().len()
}

#[test]
fn what_dies_with_a_primary_is_excused_and_nothing_else() {
    let now = Instant::now();
    let before = now.checked_sub(Duration::from_secs(60)).unwrap_or(now);
    for what in [What::UpdateLost, What::SessionLost, What::AliveAgain] {
        let checker = Checker::default();
        assert_eq!(forbidden(&checker, what, now), 1, "no primary had died");
        checker.outage();
        assert!(checker.notes().forbidden().is_empty(), "a primary dies now");
        checker.over();
        assert_eq!(forbidden(&checker, what, before), 1, "that was long before");
        assert_eq!(checker.notes().excused_count(what), 1);
    }
    for what in [What::ConfirmedAliveAgain, What::Anothers, What::DeferredRefusal] {
        let checker = Checker::default();
        checker.outage();
        assert_eq!(forbidden(&checker, what, now), 1, "nothing excuses {what:?}");
    }
}
