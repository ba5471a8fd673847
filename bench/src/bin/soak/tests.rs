//! Tests of the judge.

use std::time::{Duration, Instant};

use crate::judge::{Judge, What};

/// Records a missing change that was acknowledged at this moment. Returns the number of forbidden
/// outcomes.
fn forbidden(judge: &Judge, what: What, acknowledged: Instant) -> usize {
    judge.event(what, acknowledged, String::new());
    judge.notes().forbidden().len()
}

#[test]
fn what_dies_with_a_primary_is_excused_and_nothing_else() {
    let now = Instant::now();
    let before = now.checked_sub(Duration::from_secs(60)).unwrap_or(now);
    for what in [What::UpdateLost, What::SessionLost, What::AliveAgain] {
        let judge = Judge::default();
        assert_eq!(forbidden(&judge, what, now), 1, "no primary had died");
        judge.outage();
        assert!(judge.notes().forbidden().is_empty(), "a primary dies now");
        judge.over();
        assert_eq!(forbidden(&judge, what, before), 1, "that was long before");
        assert_eq!(judge.notes().excused_count(what), 1);
    }
    for what in [What::ConfirmedAliveAgain, What::Anothers, What::Unwritten] {
        let judge = Judge::default();
        judge.outage();
        assert_eq!(forbidden(&judge, what, now), 1, "nothing excuses {what:?}");
    }
}
