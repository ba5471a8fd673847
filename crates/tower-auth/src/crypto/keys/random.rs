//! Random bytes, and the detection of keys that are not random.

/// A key with at most this number of different bytes is refused. A key of 32 random bytes has so few
/// about once in 10^39.
const FEW: usize = 8;

/// Returns random bytes from the operating system.
///
/// # Panics
/// Panics if the system has no random source. Nothing in this crate would be safe then, and all
/// systems that Rust's standard library supports have one.
#[expect(clippy::disallowed_methods, reason = "all random bytes of this crate come from here")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

/// Returns `true` if a key cannot come from a random source: a placeholder, a repeated byte, a
/// repeated word. This catches mistakes, and proves nothing about the keys that pass.
pub(super) fn is_not_random(key: &[u8]) -> bool {
    let mut seen = [false; 256];
    key.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let different = seen.iter().filter(|seen| **seen).count();
    different <= FEW || (1..=key.len() / 2).any(|period| repeats(key, period))
}

/// Returns `true` if the first `period` bytes repeat until the end, where the last repetition may
/// be cut off.
fn repeats(key: &[u8], period: usize) -> bool {
    key[period..].iter().zip(key).all(|(later, earlier)| later == earlier)
}
