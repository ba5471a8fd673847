//! A store that fails on request.

use std::collections::VecDeque;
use std::future::{pending, poll_fn};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tower_auth_core::store::{Limits, Load, Store, StoreError, Write};

use crate::intercept::{Answer, Call, Intercept, Interceptor};
use crate::{Step, Steps};

#[cfg(test)]
mod tests;

/// Wraps any store. It fails by script or until told otherwise, counts its steps, and can be slow
/// or wrong.
///
/// All settings take effect at once and for every clone: a clone is the same store. `load_now`
/// returns `None`, so that a load can fail too.
///
/// ```
/// use tower_auth_core::store::{StoreErrorKind, RecordId, Key, RecordKind, Store};
/// use tower_auth_test::{FaultyStore, ModelStore, Step, TestClock};
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let key = Key::new(RecordKind::Session, RecordId::new([1; 16]));
/// let store = FaultyStore::new(ModelStore::new(TestClock::new().clock()));
///
/// store.fail_next_of(Step::Load, 1);
/// let error = store.load(&key).await.err().unwrap();
/// assert_eq!(error.kind(), StoreErrorKind::Unavailable);
/// assert!(store.load(&key).await.is_ok());
/// assert_eq!(store.steps().load, 2);
/// # }
/// ```
pub type FaultyStore<S> = Intercept<S, Faults>;

/// The interceptor of a [`FaultyStore`].
#[derive(Default)]
pub struct Faults(Mutex<State>);

#[derive(Default)]
struct State {
    down: bool,
    silent: Option<When>,
    patience: Option<Duration>,
    last_write_wins: bool,
    pending_once: bool,
    faults: VecDeque<Fault>,
    steps: Steps,
}

/// The next steps that fail, of one kind or of any.
struct Fault {
    of: Option<Step>,
    times: usize,
    when: When,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// The step was not done.
    Before,
    /// The step was done, and its answer is lost.
    After,
}

impl<S: Store> Intercept<S, Faults> {
    /// Wraps a store. No step fails yet.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self::with(inner, Faults::default())
    }

    /// Makes the next `times` steps of any kind fail without being done.
    pub fn fail_next(&self, times: usize) {
        self.script(None, times, When::Before);
    }

    /// Makes the next `times` steps of this kind fail without being done.
    pub fn fail_next_of(&self, step: Step, times: usize) {
        self.script(Some(step), times, When::Before);
    }

    /// Makes the next `times` steps of any kind report "unavailable" after they were done: the
    /// answer is lost, and the caller cannot know whether the step was done.
    pub fn fail_after(&self, times: usize) {
        self.script(None, times, When::After);
    }

    /// Makes the next `times` steps of this kind report "unavailable" after they were done.
    pub fn fail_after_of(&self, step: Step, times: usize) {
        self.script(Some(step), times, When::After);
    }

    /// Makes every step fail, until [`up`](Self::up).
    pub fn down(&self) {
        self.state().down = true;
    }

    /// Leaves every step undone and unanswered, until [`up`](Self::up). A step that began before
    /// that call stays unanswered.
    pub fn silent(&self) {
        self.state().silent = Some(When::Before);
    }

    /// Carries out every step but never answers it, until [`up`](Self::up).
    pub fn silent_once_done(&self) {
        self.state().silent = Some(When::After);
    }

    /// Ends every outage. Only scripted failures remain.
    pub fn up(&self) {
        let mut state = self.state();
        (state.down, state.silent) = (false, None);
    }

    /// Makes every step pending once before it is done; it wakes its task at once. A future then
    /// has as many points at which it can be dropped as it takes steps.
    pub fn pending_once(&self) {
        self.state().pending_once = true;
    }

    /// Makes every save ignore the expected version, like a store in which the last write wins. A
    /// test of concurrent requests that still passes proves nothing.
    pub fn last_write_wins(&self) {
        self.state().last_write_wins = true;
    }

    /// Sets the store's own patience that [`limits`](Store::limits) reports.
    pub fn patience(&self, patience: Duration) {
        self.state().patience = Some(patience);
    }

    /// Returns the number of requested steps, including those that failed.
    #[must_use]
    pub fn steps(&self) -> Steps {
        self.state().steps
    }

    /// Resets the counts to zero.
    pub fn reset_steps(&self) {
        self.state().steps = Steps::default();
    }

    fn script(&self, of: Option<Step>, times: usize, when: When) {
        self.state().faults.push_back(Fault { of, times, when });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.interceptor().state()
    }
}

impl Faults {
    /// Waits and counts, and decides whether and when this step fails.
    async fn begin(&self, step: Step) -> Result<Fate, StoreError> {
        if self.state().pending_once {
            let mut polled = false;
            poll_fn(|cx| {
                if std::mem::replace(&mut polled, true) {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
        let silent = {
            let mut state = self.state();
            state.steps.add(step);
            state.silent
        };
        if silent == Some(When::Before) {
            pending::<()>().await;
        }
        let mut state = self.state();
        if state.down {
            return Err(failure());
        }
        let fits = |fault: &Fault| fault.times > 0 && fault.of.is_none_or(|of| of == step);
        let Some(fault) = state.faults.iter_mut().find(|fault| fits(fault)) else {
            return Ok(Fate { lost: false, silent: silent.is_some() });
        };
        fault.times -= 1;
        let when = fault.when;
        state.faults.retain(|fault| fault.times > 0);
        if when == When::Before { Err(failure()) } else { Ok(Fate { lost: true, silent: false }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code of the test runs under this lock, so a poisoned lock still guards complete data.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The fate of the answer of a step that was done.
struct Fate {
    lost: bool,
    silent: bool,
}

impl Fate {
    async fn answer(self, answer: Result<Answer, StoreError>) -> Result<Answer, StoreError> {
        if self.silent {
            pending::<()>().await;
        }
        if self.lost { Err(failure()) } else { answer }
    }
}

fn failure() -> StoreError {
    StoreError::unavailable("the test wants this step to fail")
}

impl<S: Store> Interceptor<S> for Faults {
    fn limits(&self, store: &S) -> Limits {
        let limits = store.limits();
        self.state().patience.map_or(limits, |patience| limits.patience(patience))
    }

    async fn call(&self, store: &S, call: Call<'_>) -> Result<Answer, StoreError> {
        let fate = self.begin(call.step()).await?;
        let mut answer = call.run(store).await;
        if let Call::Save(key, _, record) = call {
            while let Ok(Answer::Write(Write::Conflict)) = answer
                && self.state().last_write_wins
                && let Load::Found(there) = store.load(key).await?
            {
                answer = Call::Save(key, there.version, record).run(store).await;
            }
        }
        fate.answer(answer).await
    }
}

tower_auth_core::opaque_debug!(Faults, "Faults");
