//! Summaries of many measurements.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Returns the median.
#[must_use]
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Returns the system's load over the last minute: the number of programs that compete for
/// processors.
#[must_use]
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

/// Returns the processor time of this thread so far.
#[must_use]
pub fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The duration of a measured section.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// The elapsed time, in seconds.
    pub time: f64,
    /// The processor time of this thread, in seconds. It does not depend on other programs.
    pub work: f64,
}

/// Starts a measurement. The returned function ends it and returns the duration.
pub fn measure() -> impl FnOnce() -> Took {
    let (begun, before) = (Instant::now(), own_time());
    move || Took { time: begun.elapsed().as_secs_f64(), work: (own_time() - before).as_secs_f64() }
}

/// A collection of durations.
#[derive(Clone, Debug, Default)]
pub struct Durations(Vec<Duration>);

impl Durations {
    /// Adds a duration.
    pub fn push(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// Returns the number of durations.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns the duration that `permille` of a thousand durations do not exceed.
    #[must_use]
    pub fn permille(&self, permille: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * permille).div_ceil(1000).saturating_sub(1);
        sorted.get(at).copied().unwrap_or_default()
    }

    /// Formats the quantiles as `p50 … · p99 … · max …`.
    #[must_use]
    pub fn spread(&self) -> String {
        let [p50, p99, max] = [500, 990, 1000].map(|it| self.permille(it));
        format!("p50 {p50:.1?} · p99 {p99:.1?} · max {max:.1?}")
    }
}

#[test]
fn the_thousandth_of_a_thousand_is_the_longest() {
    let mut durations = Durations::default();
    assert_eq!(durations.permille(500), Duration::ZERO);
    (1..=1000).rev().for_each(|it| durations.push(Duration::from_millis(it)));
    let [p50, p99, max] = [500, 990, 1000].map(|it| durations.permille(it).as_millis());
    assert_eq!((p50, p99, max), (500, 990, 1000));
}
