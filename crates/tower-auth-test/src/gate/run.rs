//! One run of a task set under one schedule.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use super::{Gate, Waiting};

/// The limit of steps in one run. More steps are an endless loop.
const MAX_STEPS: usize = 10_000;
/// The limit of polls without a step. More polls are a task that wakes itself endlessly.
const MAX_POLLS: usize = 100_000;

/// Tasks that meet at one gate, and the condition that must hold when all are done.
///
/// The factory must create the same task set each time: a task may depend on the values that it
/// reads, but never on chance. (Random ids and secrets do no harm.)
#[must_use]
pub struct TaskSet {
    gate: Gate,
    tasks: Vec<Task>,
    check: Box<dyn FnOnce()>,
}

struct Task {
    name: String,
    future: Option<Pin<Box<dyn Future<Output = ()>>>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl TaskSet {
    /// Creates a task set without tasks. Prepare the store before or after: the gate stays open
    /// until the explorer closes it.
    pub fn new(gate: Gate) -> Self {
        Self { gate, tasks: Vec::new(), check: Box::new(|| {}) }
    }

    /// Adds a task. It stores its results where the check can see them.
    pub fn task(
        mut self,
        name: impl Into<String>,
        future: impl Future<Output = ()> + 'static,
    ) -> Self {
        self.tasks.push(Task {
            name: name.into(),
            future: Some(Box::pin(future)),
            woken: Arc::new(Woken(AtomicBool::new(true))),
        });
        self
    }

    /// Sets the check at the end, which panics if its condition does not hold. The gate is open
    /// again by then, and its steps are those of the run.
    pub fn check(mut self, check: impl FnOnce() + 'static) -> Self {
        self.check = Box::new(check);
        self
    }

    /// Runs the task set. `choose` receives the number of waiting steps and picks one of them.
    pub(super) fn run(mut self, mut choose: impl FnMut(usize) -> usize) -> Run {
        let mut run = Run::default();
        self.gate.reset_steps();
        self.gate.close();
        let outcome = self.steps(&mut run, &mut choose);
        self.gate.open();
        run.problem = match outcome {
            Ok(()) => catch_unwind(AssertUnwindSafe(self.check))
                .err()
                .map(|panic| format!("the check at the end failed: {}", message(&*panic))),
            Err(problem) => Some(problem),
        };
        run
    }

    fn steps(
        &mut self,
        run: &mut Run,
        choose: &mut dyn FnMut(usize) -> usize,
    ) -> Result<(), String> {
        loop {
            self.settle()?;
            let mut waiting = self.gate.waiting();
            if waiting.is_empty() {
                return self.all_done();
            }
            if run.choices.len() == MAX_STEPS {
                return Err(format!("no end after {MAX_STEPS} steps"));
            }
            // Sorted by task first, so that a choice means the same step in every run.
            waiting.sort_by_key(|it| (it.task, it.ticket));
            let choice = choose(waiting.len());
            let Some(chosen) = waiting.get(choice) else {
                return Err("the task set is another one each time: this run has fewer waiting \
                            steps than the last had at this point"
                    .into());
            };
            run.choices.push((choice, waiting.len()));
            run.steps.push(self.describe(chosen));
            // The ticket is still waiting: it was chosen from the waiting steps.
            let _ = self.gate.let_go(chosen.ticket);
        }
    }

    /// Polls woken tasks until none is left: each task is done, at the gate, or queued.
    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..MAX_POLLS {
            let woken =
                |task: &Task| task.woken.0.swap(false, Ordering::SeqCst) && task.future.is_some();
            let Some((index, task)) =
                self.tasks.iter_mut().enumerate().find(|(_, task)| woken(task))
            else {
                return Ok(());
            };
            self.gate.set_task(Some(index));
            let waker = Waker::from(task.woken.clone());
            let polled = catch_unwind(AssertUnwindSafe(|| {
                task.future
                    .as_mut()
                    .is_some_and(|it| it.as_mut().poll(&mut Context::from_waker(&waker)).is_ready())
            }));
            self.gate.set_task(None);
            match polled {
                Ok(true) => task.future = None,
                Ok(false) => {}
                Err(panic) => {
                    task.future = None;
                    return Err(format!("task {} panicked: {}", task.name, message(&*panic)));
                }
            }
        }
        Err(format!("a task woke itself {MAX_POLLS} times without a step"))
    }

    fn all_done(&self) -> Result<(), String> {
        let stuck: Vec<_> = self
            .tasks
            .iter()
            .filter(|task| task.future.is_some())
            .map(|task| task.name.as_str())
            .collect();
        if stuck.is_empty() {
            return Ok(());
        }
        Err(format!("deadlock: no step waits, but not done: {}", stuck.join(", ")))
    }

    fn describe(&self, waiting: &Waiting) -> String {
        let name = waiting.task.and_then(|task| self.tasks.get(task));
        format!("{} {}", name.map_or("?", |task| &task.name), waiting.step)
    }
}

/// The result of one run.
#[derive(Default)]
pub(super) struct Run {
    /// Each choice, with the number of steps to choose from.
    pub(super) choices: Vec<(usize, usize)>,
    pub(super) steps: Vec<String>,
    pub(super) problem: Option<String>,
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
}

tower_auth_core::opaque_debug!(TaskSet, "TaskSet");
