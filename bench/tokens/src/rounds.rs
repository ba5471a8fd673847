//! The time of calls that run in turn.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::call::{Call, measured};

/// The number of rounds. Each round runs every call.
const ROUNDS: usize = 21;
/// The processor time of one call's turn in a round.
const TURN: Duration = Duration::from_millis(4);

/// Returns the nanoseconds of one run of each call, in each round.
///
/// It is the processor time of this thread, which does not contain that of other programs.
pub fn measure(calls: &mut [Call]) -> Vec<Vec<f64>> {
    let times: Vec<u32> = calls.iter_mut().map(|call| times(call)).collect();
    let mut nanos = vec![Vec::new(); calls.len()];
    for round in 0..ROUNDS {
        // Every round begins with another call.
        for turn in 0..calls.len() {
            let at = (round + turn) % calls.len();
            let took = took(&mut calls[at], times[at]);
            nanos[at].push(took.as_nanos() as f64 / f64::from(times[at]));
        }
    }
    nanos
}

/// Returns the number of runs that fill a turn.
fn times(call: &mut Call) -> u32 {
    let mut times = 1;
    while took(call, times) < TURN {
        times *= 2;
    }
    times
}

fn took(call: &mut Call, times: u32) -> Duration {
    let before = own_time();
    measured(&mut **call, times);
    own_time().saturating_sub(before)
}

/// Returns the processor time of this thread so far.
fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
