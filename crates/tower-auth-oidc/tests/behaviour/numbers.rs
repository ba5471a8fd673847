//! The numbers of a test, which `scripts/soak` sets.

use std::env;

/// A generator of numbers that look random (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }
}

/// Returns the number of requests: `SOAK_COUNT`, otherwise this one.
pub(crate) fn count(otherwise: u64) -> u64 {
    variable("SOAK_COUNT").unwrap_or(otherwise)
}

/// Returns the seed: `SOAK_SEED`, otherwise 1.
pub(crate) fn seed() -> u64 {
    variable("SOAK_SEED").unwrap_or(1)
}

fn variable(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}
