//! The server's own idea of how long something lies: the broom.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How much longer than the record or the tombstone counts: its key's versions go on from it.
const GRACE: Duration = Duration::from_secs(600);
/// The most that is taken for a while; a greater number is taken for a moment.
const A_WHILE: u64 = 60 * 60 * 24 * 30;
/// What stands for "as long as there is room".
const ALWAYS: u64 = 0;
/// The greatest moment that servers read: their number has 32 bits and a sign.
const LAST: u64 = (1 << 31) - 1;

/// The number that says: for so long, and the grace.
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
