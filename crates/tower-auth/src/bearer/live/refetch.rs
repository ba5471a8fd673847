//! Fetches for keys that tokens name and the set does not have.
//!
//! A token may name any key, so an outsider decides how often this code runs. It starts at most one
//! fetch at a time and one per window. What it remembers of unknown names is the time of the last
//! fetch, not the names: each successful fetch answers for all names.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tower_auth_core::{AnyTimer, Timestamp};

use super::wait::{KeyWait, Slot};

pub(super) struct Limits {
    /// The minimum time between two fetches.
    pub(super) window: Duration,
    /// The maximum number of waiting requests.
    pub(super) waiting: usize,
    /// The maximum time that a request waits.
    pub(super) wait: Duration,
}

pub(super) struct Refetch {
    limits: Limits,
    state: Mutex<State>,
    waiting: Arc<AtomicUsize>,
    /// Counts the fetches that ended. Waiting requests watch it.
    ended: watch::Sender<u64>,
    /// Wakes the fetcher.
    wanted: Notify,
    closed: AtomicBool,
    /// Set by the fetcher. Without one, no key can arrive while a request waits.
    timer: OnceLock<AnyTimer>,
}

#[derive(Default)]
struct State {
    fetcher: bool,
    /// Whether a fetch was asked for, or is in progress.
    in_flight: bool,
    /// The begin of the last fetch that ended, and whether it succeeded.
    last: Option<(Timestamp, bool)>,
}

/// The answer to a token that names an unknown key.
pub(in crate::bearer) enum Answer {
    /// The keys have changed meanwhile: look again.
    LookAgain,
    /// The key is in no set that the issuer published within the window.
    Unknown,
    /// The issuer could not be asked.
    Unavailable,
    /// A fetch is in progress.
    Wait(KeyWait),
}

impl Refetch {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
            waiting: Arc::default(),
            ended: watch::channel(0).0,
            wanted: Notify::new(),
            closed: AtomicBool::new(false),
            timer: OnceLock::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a token whose key is not in a snapshot. `is_current` says whether the snapshot is
    /// the newest, and `waited` whether the request has already waited for a fetch.
    pub(super) fn ask(
        &self,
        is_current: impl FnOnce() -> bool,
        waited: bool,
        now: Timestamp,
    ) -> Answer {
        let mut state = self.state();
        // Under the lock: a fetch replaces the keys before it notes its end.
        if !is_current() {
            return Answer::LookAgain;
        }
        let Some(timer) = self.timer.get() else { return Answer::Unknown };
        if !state.fetcher {
            // There was one, so the key may exist.
            return Answer::Unavailable;
        }
        if waited {
            return match state.last {
                Some((_, true)) if !state.in_flight => Answer::Unknown,
                _ => Answer::Unavailable,
            };
        }
        if !state.in_flight {
            match state.last {
                // After a clock was set back, the last fetch lies in the future and does not count.
                Some((at, succeeded)) if at <= now && now.since(at) < self.limits.window => {
                    return if succeeded { Answer::Unknown } else { Answer::Unavailable };
                }
                _ => {}
            }
        }
        let Some(slot) = Slot::take(&self.waiting, self.limits.waiting) else {
            return Answer::Unavailable;
        };
        let ended = self.ended.subscribe();
        if !state.in_flight {
            state.in_flight = true;
            self.wanted.notify_one();
        }
        Answer::Wait(KeyWait::new(ended, timer, self.limits.wait, slot))
    }

    /// Registers the fetcher. Returns `false` if there is one already.
    pub(super) fn attach(&self, timer: AnyTimer) -> bool {
        let mut state = self.state();
        let is_first = !std::mem::replace(&mut state.fetcher, true);
        if is_first {
            // A later fetcher of the same keys waits by the first one's timer.
            let _ = self.timer.set(timer);
        }
        is_first
    }

    /// Removes the fetcher, and answers the requests that wait for it.
    pub(super) fn detach(&self) {
        let mut state = self.state();
        state.fetcher = false;
        state.in_flight = false;
        drop(state);
        self.ended.send_modify(|count| *count += 1);
    }

    pub(super) fn begin(&self) {
        self.state().in_flight = true;
    }

    /// Notes the end of a fetch that began at `began`.
    pub(super) fn end(&self, began: Timestamp, succeeded: bool) {
        let mut state = self.state();
        state.in_flight = false;
        state.last = Some((began, succeeded));
        drop(state);
        self.ended.send_modify(|count| *count += 1);
    }

    /// Waits until a fetch is wanted. Returns `false` if the keys are gone.
    pub(super) async fn wanted(&self) -> bool {
        loop {
            if self.closed.load(Ordering::Acquire) {
                return false;
            }
            self.wanted.notified().await;
            // A scheduled fetch may have answered the request that asked for one.
            if self.state().in_flight {
                return !self.closed.load(Ordering::Acquire);
            }
        }
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.wanted.notify_one();
    }
}
