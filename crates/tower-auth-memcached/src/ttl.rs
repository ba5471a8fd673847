//! The expiration time that the server gets, so that it removes old values.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The additional time that the server keeps an expired value, so that its key's versions continue.
const GRACE: Duration = Duration::from_secs(600);
/// The longest relative time, in seconds (30 days). The server reads a larger number as a Unix
/// time.
const A_WHILE: u64 = 60 * 60 * 24 * 30;
/// The value for "no expiration".
const ALWAYS: u64 = 0;
/// The latest Unix time that servers accept: a signed 32-bit number.
const LAST: u64 = (1 << 31) - 1;

/// Returns the protocol's number for `counts` plus the grace, rounded up to seconds.
pub(crate) fn expiration(counts: Duration, now: SystemTime) -> u64 {
    let seconds = counts.saturating_add(GRACE).as_secs().saturating_add(1);
    if seconds <= A_WHILE {
        return seconds;
    }
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let moment = since.saturating_add(seconds);
    if moment <= LAST { moment } else { ALWAYS }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_and_more_is_a_moment() {
        let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let seconds = |seconds| expiration(Duration::from_secs(seconds), now);
        assert_eq!(seconds(0), 601);
        assert_eq!(seconds(3600), 4201);
        assert_eq!(seconds(A_WHILE - 601), A_WHILE);
        assert_eq!(seconds(A_WHILE - 600), 1_800_000_000 + A_WHILE + 1);
        assert_eq!(seconds(LAST - 1_800_000_000 - 601), LAST);
        assert_eq!(seconds(LAST - 1_800_000_000 - 600), ALWAYS);
        assert_eq!(expiration(Duration::MAX, now), ALWAYS);
    }
}
