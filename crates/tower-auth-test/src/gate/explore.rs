//! Which schedules to run.

use std::fmt;

use super::World;
use super::run::Run;

/// More orders than this are not explored: use [`explore_seeds`] for such a world.
const MAX_SCHEDULES: usize = 1_000_000;

/// What was explored, without a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// How many schedules were run.
    pub schedules: usize,
    /// How many steps the longest of them had.
    pub longest: usize,
}

/// A schedule under which the world went wrong: a check or a task panicked, or all tasks waited
/// for each other.
///
/// `Debug` and `Display` are the same text, so that `.unwrap()` tells it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What went wrong.
    pub problem: String,
    /// The steps in the order in which they were let go: the task's name and the method.
    pub steps: Vec<String>,
    /// For [`replay`].
    pub choices: Vec<usize>,
    /// For [`explore_seed`], where it was a random schedule.
    pub seed: Option<u64>,
    /// How many schedules were run before this one.
    pub passed: usize,
}

/// Runs the world once for every order in which its store steps can happen, depth first.
///
/// # Errors
/// The first schedule that goes wrong; or more than a million schedules.
pub fn explore_all(mut world: impl FnMut() -> World) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    let mut prefix: Vec<usize> = Vec::new();
    loop {
        let run = follow(world(), &prefix);
        let choices = run.choices.clone();
        explored.take(run, None)?;
        // The deepest point that has an untried branch; everything below starts anew.
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

/// Runs the world under that many random schedules, with the seeds 0, 1, 2 and so on.
///
/// # Errors
/// The first schedule that goes wrong, with its seed.
pub fn explore_seeds(seeds: u64, mut world: impl FnMut() -> World) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    for seed in 0..seeds {
        explored.take(random(world(), seed), Some(seed))?;
    }
    Ok(explored)
}

/// Runs the world under the random schedule of one seed.
///
/// # Errors
/// It goes wrong.
pub fn explore_seed(seed: u64, world: impl FnOnce() -> World) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    explored.take(random(world(), seed), Some(seed))?;
    Ok(explored)
}

/// Runs the world under the schedule of a [`Failure`]; where the choices end, it goes on with the
/// first task that can.
///
/// # Errors
/// It goes wrong.
pub fn replay(choices: &[usize], world: impl FnOnce() -> World) -> Result<Explored, Failure> {
    let mut explored = Explored { schedules: 0, longest: 0 };
    explored.take(follow(world(), choices), None)?;
    Ok(explored)
}

fn follow(world: World, choices: &[usize]) -> Run {
    let mut choices = choices.iter();
    world.run(|_| choices.next().copied().unwrap_or(0))
}

fn random(world: World, seed: u64) -> Run {
    let mut state = seed;
    world.run(|of| {
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
