//! The gate at which steps wait.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::{Step, Steps};

/// The gate of a [`GateStore`](super::GateStore): steps wait at it while it is closed. It is open
/// at first, so that a test can prepare its task set.
#[derive(Clone, Default)]
pub struct Gate(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    closed: bool,
    task: Option<usize>,
    next: u64,
    waiting: BTreeMap<u64, (Waiting, Option<Waker>)>,
    steps: Steps,
}

/// A step that waits at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The number that [releases the step](Gate::let_go). Tickets count the steps in the order of
    /// arrival.
    pub ticket: u64,
    /// The explorer's task that takes the step, if an explorer is running.
    pub task: Option<usize>,
    /// The kind of the step.
    pub step: Step,
}

impl Gate {
    /// Closes the gate: each later step waits.
    pub fn close(&self) {
        self.state().closed = true;
    }

    /// Opens the gate: releases all waiting steps and every later one.
    pub fn open(&self) {
        let waiting = {
            let mut state = self.state();
            state.closed = false;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_values().filter_map(|(_, waker)| waker).for_each(Waker::wake);
    }

    /// Returns the waiting steps, in the order of arrival.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        self.state().waiting.values().map(|(waiting, _)| *waiting).collect()
    }

    /// Releases one step. Returns whether it was waiting.
    #[allow(clippy::must_use_candidate, reason = "known to wait, by its ticket")]
    pub fn let_go(&self, ticket: u64) -> bool {
        let gone = self.state().waiting.remove(&ticket);
        let found = gone.is_some();
        if let Some((_, Some(waker))) = gone {
            waker.wake();
        }
        found
    }

    /// Returns the number of steps released since the start or the last
    /// [`reset_steps`](Self::reset_steps).
    ///
    /// A step that was dropped while it waited does not count.
    #[must_use]
    pub fn steps(&self) -> Steps {
        self.state().steps
    }

    /// Resets the counts to zero.
    pub fn reset_steps(&self) {
        self.state().steps = Steps::default();
    }

    /// Sets the task to which later steps belong.
    pub(super) fn set_task(&self, task: Option<usize>) {
        self.state().task = task;
    }

    /// Completes when the schedule releases this step.
    pub(super) fn pass(&self, step: Step) -> Pass<'_> {
        Pass { gate: self, step, ticket: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code of the test runs under this lock, so a poisoned lock still guards complete data.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

pub(super) struct Pass<'a> {
    gate: &'a Gate,
    step: Step,
    ticket: Option<u64>,
}

impl Future for Pass<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (gate, step) = (self.gate, self.step);
        let mut state = gate.state();
        match self.ticket {
            None if state.closed => {
                let ticket = state.next;
                state.next += 1;
                let waiting = Waiting { ticket, task: state.task, step };
                state.waiting.insert(ticket, (waiting, Some(cx.waker().clone())));
                self.ticket = Some(ticket);
                return Poll::Pending;
            }
            Some(ticket) if state.waiting.contains_key(&ticket) => {
                if let Some((_, waker)) = state.waiting.get_mut(&ticket) {
                    *waker = Some(cx.waker().clone());
                }
                return Poll::Pending;
            }
            None | Some(_) => {}
        }
        state.steps.add(step);
        Poll::Ready(())
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.gate.state().waiting.remove(&ticket);
        }
    }
}
