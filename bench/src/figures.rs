//! What is made of many measurements.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// The middle one.
#[must_use]
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How many other programs want the processors just now: the system's load over the last minute.
#[must_use]
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

/// How long this thread has run so far.
#[must_use]
pub fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// How long something took.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// From its beginning to its end, in seconds.
    pub time: f64,
    /// What this thread did of it, in seconds: the same whoever else wants the processors.
    pub work: f64,
}

/// Begins to measure; what is returned says how long it took.
pub fn measure() -> impl FnOnce() -> Took {
    let (begun, before) = (Instant::now(), own_time());
    move || Took { time: begun.elapsed().as_secs_f64(), work: (own_time() - before).as_secs_f64() }
}

/// How long things took.
#[derive(Clone, Debug, Default)]
pub struct Durations(Vec<Duration>);

impl Durations {
    /// One more.
    pub fn push(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The one that so many of a thousand do not exceed.
    #[must_use]
    pub fn permille(&self, permille: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * permille).div_ceil(1000).saturating_sub(1);
        sorted.get(at).copied().unwrap_or_default()
    }

    /// `p50 … · p99 … · max …`
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
