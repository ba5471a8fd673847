//! Random bytes, and keys that are not random.

/// The largest number of different bytes that a key is refused for. 32 random bytes have so few
/// about once in 10^39.
const FEW: usize = 8;

/// Random bytes from the operating system.
///
/// # Panics
/// If the system has no random source: nothing that this crate does is safe then, and the systems
/// that Rust's standard library runs on have one.
#[expect(clippy::disallowed_methods, reason = "every random byte of this crate is made here")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has a random source");
    bytes
}

/// Whether a key cannot have come from a random source: a placeholder, one byte repeated, one word
/// repeated. This catches mistakes, and proves nothing of the keys that pass.
pub(super) fn is_not_random(key: &[u8]) -> bool {
    let mut seen = [false; 256];
    key.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let different = seen.iter().filter(|seen| **seen).count();
    different <= FEW || (1..=key.len() / 2).any(|period| repeats(key, period))
}

/// Whether the first `period` bytes follow each other up to the end, where they may be cut off.
fn repeats(key: &[u8], period: usize) -> bool {
    key[period..].iter().zip(key).all(|(later, earlier)| later == earlier)
}
