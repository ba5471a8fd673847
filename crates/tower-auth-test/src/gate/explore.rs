//! The choice of schedules.

use std::fmt;

use super::TaskSet;
use super::run::Run;

/// The limit of explored orders. For a larger task set use [`explore_seeds`].
const MAX_SCHEDULES: usize = 1_000_000;

/// The extent of an exploration without a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// The number of schedules.
    pub schedules: usize,
    /// The number of steps in the longest schedule.
    pub longest: usize,
}

/// A schedule under which the task set failed: a check or a task panicked, or all tasks waited for
/// each other.
///
/// `Debug` and `Display` print the same text, so that `.unwrap()` shows it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// A description of the failure.
    pub problem: String,
    /// The steps in the order in which the schedule released them: the task's name and the method.
    pub steps: Vec<String>,
    /// The argument for [`replay`].
    pub choices: Vec<usize>,
    /// The argument for [`explore_seed`], if the schedule was random.
    pub seed: Option<u64>,
    /// The number of schedules that passed before this one.
    pub passed: usize,
}

/// Runs the task set once for every possible order of its store steps, depth first.
///
/// # Errors
/// The first schedule that fails, or an error after more than a million schedules.
pub fn explore_all(mut task_set: impl FnMut() -> TaskSet) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    let mut prefix: Vec<usize> = Vec::new();
    loop {
        let run = follow(task_set(), &prefix);
        let choices = run.choices.clone();
        explored.take(run, None)?;
        // The deepest point with an untried branch. Everything below it starts again.
        let Some(point) = choices.iter().rposition(|(choice, of)| choice + 1 < *of) else {
            return Ok(explored);
        };
        prefix = choices[..=point].iter().map(|(choice, _)| *choice).collect();
        prefix[point] += 1;
        if explored.schedules == MAX_SCHEDULES {
            let problem = format!("more than {MAX_SCHEDULES} schedules: use explore_seeds");
            return Err(Failure { problem, ..Failure::at(choices, explored.schedules) });
        }
    }
}

/// Runs the task set under `seeds` random schedules, with the seeds 0, 1, 2 and so on.
///
/// # Errors
/// The first schedule that fails, with its seed.
pub fn explore_seeds(
    seeds: u64,
    mut task_set: impl FnMut() -> TaskSet,
) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    for seed in 0..seeds {
        explored.take(random(task_set(), seed), Some(seed))?;
    }
    Ok(explored)
}

/// Runs the task set under the random schedule of one seed.
///
/// # Errors
/// The schedule, if it fails.
pub fn explore_seed(seed: u64, task_set: impl FnOnce() -> TaskSet) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    explored.take(random(task_set(), seed), Some(seed))?;
    Ok(explored)
}

/// Runs the task set under the schedule of a [`Failure`]. After the last choice, it continues with the
/// first task that can run.
///
/// # Errors
/// The schedule, if it fails.
pub fn replay(choices: &[usize], task_set: impl FnOnce() -> TaskSet) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    explored.take(follow(task_set(), choices), None)?;
    Ok(explored)
}

fn follow(task_set: TaskSet, choices: &[usize]) -> Run {
    let mut choices = choices.iter();
    task_set.run(|_| choices.next().copied().unwrap_or(0))
}

fn random(task_set: TaskSet, seed: u64) -> Run {
    let mut state = seed;
    task_set.run(|of| {
        // splitmix64; `of` is at least 1.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % of as u64) as usize
    })
}

impl Explored {
    fn take(&mut self, run: Run, seed: Option<u64>) -> Result<(), Failure> {
        if let Some(problem) = run.problem {
            let at = Failure::at(run.choices, self.schedules);
            return Err(Failure { problem, steps: run.steps, seed, ..at });
        }
        self.schedules += 1;
        self.longest = self.longest.max(run.steps.len());
        Ok(())
    }
}

impl Failure {
    fn at(choices: Vec<(usize, usize)>, passed: usize) -> Self {
        let choices = choices.into_iter().map(|(choice, _)| choice).collect();
        Self { problem: String::new(), steps: Vec::new(), choices, seed: None, passed }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  after {} good schedules", self.problem, self.passed)?;
        if let Some(seed) = self.seed {
            write!(f, "\n  seed {seed}")?;
        }
        write!(f, "\n  choices {:?}\n  steps {}", self.choices, self.steps.join(" → "))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}
