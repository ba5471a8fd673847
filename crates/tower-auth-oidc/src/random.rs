//! The only source of randomness of this crate. It spreads fetches over time, and protects nothing.

/// Returns a random number from 0 to 1.
#[expect(clippy::disallowed_methods, reason = "everything else in this crate calls this function")]
pub(crate) fn fraction() -> f64 {
    // Without random numbers, fetches are only less spread.
    let number = getrandom::u32().unwrap_or(0);
    f64::from(number) / f64::from(u32::MAX)
}
