//! Allowed and forbidden outcomes.
//!
//! Redis acknowledges before it replicates, so a primary that dies loses its last acknowledged
//! writes. The checker records each suspicious result with the time of its acknowledgement, and
//! decides once the times of all outages are known.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tower_auth_bench::figures::Durations;

/// The time for which a node may be wrong after a write on the other: the near-cache's tolerance.
pub(crate) const BOUND: Duration = Duration::from_secs(2);
/// The maximum lag of a replica when its primary dies. Generous, because the machine may be busy.
const LAG: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// An acknowledged update is missing.
    UpdateLost,
    /// An acknowledged session is missing.
    SessionLost,
    /// A session is alive although its end was acknowledged.
    AliveAgain,
    /// A session is alive although a replica confirmed its end.
    ConfirmedAliveAgain,
    /// A client received the identity of another user.
    Anothers,
    /// A client read a value that was never written.
    DeferredRefusal,
}

pub(crate) struct Event {
    pub(crate) what: What,
    pub(crate) acknowledged: Instant,
    pub(crate) seen: Instant,
    pub(crate) detail: String,
}

#[derive(Default)]
pub(crate) struct Checker(Mutex<Notes>);

#[derive(Default)]
pub(crate) struct Notes {
    events: Vec<Event>,
    /// The time from the death of each primary until every server answered again.
    outages: Vec<(Instant, Option<Instant>)>,
    /// The time from the death until a replica took its place. Until then no replica could confirm.
    bereft: Vec<(Instant, Option<Instant>)>,
    pub(crate) answers: u64,
    pub(crate) logins: u64,
    pub(crate) updates: u64,
    pub(crate) logouts: u64,
    pub(crate) kicks: u64,
    /// Ends that a replica confirmed.
    pub(crate) confirmed: u64,
    /// Requests whose effect is unknown.
    pub(crate) unsure: u64,
    /// Answers of another node from before a write, within the bound.
    pub(crate) stale: u64,
    pub(crate) probes: u64,
    refused: Vec<Instant>,
    pub(crate) took: Durations,
}

impl Checker {
    pub(crate) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn event(&self, what: What, acknowledged: Instant, detail: String) {
        let event = Event { what, acknowledged, seen: Instant::now(), detail };
        self.notes().events.push(event);
    }

    pub(crate) fn refused(&self) {
        self.notes().refused.push(Instant::now());
    }

    /// Records that a primary is about to die.
    pub(crate) fn outage(&self) {
        let mut notes = self.notes();
        notes.outages.push((Instant::now(), None));
        notes.bereft.push((Instant::now(), None));
    }

    /// Records that every primary has a replica again.
    pub(crate) fn whole(&self) {
        if let Some((_, whole)) = self.notes().bereft.last_mut() {
            *whole = Some(Instant::now());
        }
    }

    /// Records that every server answers again.
    pub(crate) fn over(&self) {
        if let Some((_, over)) = self.notes().outages.last_mut() {
            *over = Some(Instant::now());
        }
    }
}

impl Notes {
    /// Returns whether a change at this moment may have died with a primary, or met its absence.
    fn excused(&self, moment: Instant) -> bool {
        self.outages.iter().any(|(from, over)| {
            moment + LAG >= *from && over.is_none_or(|over| moment <= over + BOUND)
        })
    }

    fn is_forbidden(&self, event: &Event) -> bool {
        match event.what {
            What::Anothers | What::DeferredRefusal | What::ConfirmedAliveAgain => true,
            What::AliveAgain | What::SessionLost | What::UpdateLost => {
                !self.excused(event.acknowledged)
            }
        }
    }

    pub(crate) fn forbidden(&self) -> Vec<&Event> {
        self.events.iter().filter(|it| self.is_forbidden(it)).collect()
    }

    /// Returns the number of allowed losses of this kind.
    pub(crate) fn excused_count(&self, what: What) -> usize {
        self.events.iter().filter(|it| it.what == what && !self.is_forbidden(it)).count()
    }

    /// Returns the number of 503 answers, and how many of them occurred while every server was
    /// running.
    pub(crate) fn refusals(&self) -> (usize, usize) {
        let is_bereft = |it: &Instant| {
            let within = |(from, to): &(Instant, Option<Instant>)| {
                it >= from && to.is_none_or(|to| *it <= to + BOUND)
            };
            self.bereft.iter().any(within)
        };
        let calm = self.refused.iter().filter(|it| !is_bereft(it)).count();
        (self.refused.len(), calm)
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let later = self.seen.saturating_duration_since(self.acknowledged);
        write!(f, "{:?}, {later:.1?} after it was acknowledged: {}", self.what, self.detail)
    }
}
