//! The judge can tell.

use std::time::{Duration, Instant};

use crate::judge::{Judge, What};

/// Something that was acknowledged at that moment and is not so.
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
        assert_eq!(forbidden(&judge, what, now), 1, "nobody had died");
        judge.outage();
        assert!(judge.notes().forbidden().is_empty(), "somebody dies just now");
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
