//! The current time of the records' clock.

use std::sync::atomic::{AtomicU64, Ordering};

use tower_auth_core::{Clock, Timestamp};

/// The time for which a measured difference of the two clocks is used, in microseconds.
const BELIEVED: u64 = 1000;

/// The clock that decides when records expire.
pub(super) enum RecordClock {
    /// The system's clock. Reading a clock is the most expensive part of a hit, and a hit reads the
    /// process's own clock anyway. Both run at the same pace, so this time is computed from that
    /// reading. The system's clock is read once in a millisecond, since it can be set.
    System {
        /// The time of the last reading, by the process's own clock.
        looked: AtomicU64,
        /// The difference of the clocks at that time.
        ahead: AtomicU64,
    },
    /// Another clock, which may run at any pace.
    Other(Clock),
}

impl RecordClock {
    pub(super) const fn system() -> Self {
        // No difference is used before the first reading: no uptime is that close to this value.
        Self::System { looked: AtomicU64::new(u64::MAX - BELIEVED), ahead: AtomicU64::new(0) }
    }

    /// Returns the current time, given the current reading of the process's own clock.
    pub(super) fn at(&self, uptime: u64) -> Timestamp {
        let (looked, ahead) = match self {
            Self::System { looked, ahead } => (looked, ahead),
            Self::Other(clock) => return clock.now(),
        };
        // A thread that sees a reading also sees its difference, or that of a later reading.
        if uptime.wrapping_sub(looked.load(Ordering::Acquire)) < BELIEVED {
            let ahead = ahead.load(Ordering::Acquire);
            return Timestamp::from_unix_micros(ahead.saturating_add(uptime));
        }
        let now = Clock::system().now();
        // One is added because both readings are truncated to microseconds, and a record must not
        // expire too late.
        let found = now.as_unix_micros().saturating_sub(uptime).saturating_add(1);
        ahead.store(found, Ordering::Release);
        looked.store(uptime, Ordering::Release);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(record_clock: &RecordClock) -> u64 {
        let RecordClock::System { looked, .. } = record_clock else { panic!("it is the system's") };
        looked.load(Ordering::Acquire)
    }

    #[test]
    fn it_is_looked_at_once_in_a_millisecond_and_never_behind() {
        let record_clock = RecordClock::system();
        let first = record_clock.at(5);
        assert_eq!(looks(&record_clock), 5);
        // The time advances with the other clock.
        let last = record_clock.at(5 + BELIEVED - 1);
        let passed = last.since(first).as_micros() as u64;
        assert_eq!((passed, looks(&record_clock)), (BELIEVED, 5));
        record_clock.at(5 + BELIEVED);
        assert_eq!(looks(&record_clock), 5 + BELIEVED);
        // An uptime from before the reading, by a thread that slept.
        record_clock.at(5);
        assert_eq!(looks(&record_clock), 5);
    }

    /// The next reading detects that the system's clock was set.
    #[test]
    fn what_was_believed_is_forgotten() {
        let record_clock = RecordClock::system();
        let RecordClock::System { ahead, .. } = &record_clock else { panic!("it is the system's") };
        record_clock.at(5);
        ahead.store(0, Ordering::Release);
        assert_eq!(record_clock.at(6), Timestamp::from_unix_micros(6));
        let before = Clock::system().now();
        assert!(record_clock.at(5 + BELIEVED) >= before);
    }
}
