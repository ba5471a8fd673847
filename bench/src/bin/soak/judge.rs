//! What may happen and what may not.
//!
//! Redis acknowledges before it replicates, so a primary that dies takes what it acknowledged last
//! with it. What looks wrong is written down with the moment at which it had been acknowledged, and
//! judged when it is known when primaries died.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tower_auth_bench::figures::Durations;

/// For how long a node may be wrong after another has written: the near-cache's tolerance.
pub(crate) const BOUND: Duration = Duration::from_secs(2);
/// How far a replica may be behind when its primary dies: generous, the machine may be busy.
const LAG: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// An update that was acknowledged is not there.
    UpdateLost,
    /// A session that was acknowledged is not there.
    SessionLost,
    /// A session whose end was acknowledged is alive.
    AliveAgain,
    /// The same, and a replica had confirmed the end.
    ConfirmedAliveAgain,
    /// A client was told to be somebody else.
    Anothers,
    /// A client read what nobody had written yet.
    Unwritten,
}

pub(crate) struct Event {
    pub(crate) what: What,
    pub(crate) acknowledged: Instant,
    pub(crate) seen: Instant,
    pub(crate) detail: String,
}

#[derive(Default)]
pub(crate) struct Judge(Mutex<Notes>);

#[derive(Default)]
pub(crate) struct Notes {
    events: Vec<Event>,
    /// From the death of a primary until everything answered again.
    outages: Vec<(Instant, Option<Instant>)>,
    /// From then until its place was taken: until then it has no replica that could confirm.
    bereft: Vec<(Instant, Option<Instant>)>,
    pub(crate) answers: u64,
    pub(crate) logins: u64,
    pub(crate) updates: u64,
    pub(crate) logouts: u64,
    pub(crate) kicks: u64,
    /// Ends that a replica confirmed.
    pub(crate) confirmed: u64,
    /// Nobody can say whether it was done.
    pub(crate) unsure: u64,
    /// Answers of another node from before a write, within the bound.
    pub(crate) stale: u64,
    pub(crate) probes: u64,
    refused: Vec<Instant>,
    pub(crate) took: Durations,
}

impl Judge {
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

    /// A primary is about to die.
    pub(crate) fn outage(&self) {
        let mut notes = self.notes();
        notes.outages.push((Instant::now(), None));
        notes.bereft.push((Instant::now(), None));
    }

    /// Every primary has a replica again.
    pub(crate) fn whole(&self) {
        if let Some((_, whole)) = self.notes().bereft.last_mut() {
            *whole = Some(Instant::now());
        }
    }

    /// Everything answers again.
    pub(crate) fn over(&self) {
        if let Some((_, over)) = self.notes().outages.last_mut() {
            *over = Some(Instant::now());
        }
    }
}

impl Notes {
    /// Whether something at that moment may have died with a primary, or met its absence.
    fn excused(&self, moment: Instant) -> bool {
        self.outages.iter().any(|(from, over)| {
            moment + LAG >= *from && over.is_none_or(|over| moment <= over + BOUND)
        })
    }

    fn is_forbidden(&self, event: &Event) -> bool {
        match event.what {
            What::Anothers | What::Unwritten | What::ConfirmedAliveAgain => true,
            What::AliveAgain | What::SessionLost | What::UpdateLost => {
                !self.excused(event.acknowledged)
            }
        }
    }

    pub(crate) fn forbidden(&self) -> Vec<&Event> {
        self.events.iter().filter(|it| self.is_forbidden(it)).collect()
    }

    /// How often something was lost that may be lost.
    pub(crate) fn excused_count(&self, what: What) -> usize {
        self.events.iter().filter(|it| it.what == what && !self.is_forbidden(it)).count()
    }

    /// How many 503, and how many of them while every server was there.
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
