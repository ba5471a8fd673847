//! What time it is by the records' clock.

use std::sync::atomic::{AtomicU64, Ordering};

use tower_auth_core::{Clock, Timestamp};

/// For how long what the two clocks are apart is believed, in microseconds.
const BELIEVED: u64 = 1000;

/// By which records expire.
pub(super) enum Wall {
    /// The system's. Reading a clock is the dearest part of a hit, and the process's own is read
    /// anyway; both run at one pace, so this one is told from that. It is looked at itself once in
    /// a millisecond, since it can be set.
    System {
        /// When it was looked at, by the process's own clock.
        looked: AtomicU64,
        /// What it was ahead then.
        ahead: AtomicU64,
    },
    /// Runs as it likes.
    Other(Clock),
}

impl Wall {
    pub(super) const fn system() -> Self {
        // Before anything was looked at nothing is believed: no reading is that near to the last.
        Self::System { looked: AtomicU64::new(u64::MAX - BELIEVED), ahead: AtomicU64::new(0) }
    }

    /// The present moment, which is that reading of the process's own clock.
    pub(super) fn at(&self, uptime: u64) -> Timestamp {
        let (looked, ahead) = match self {
            Self::System { looked, ahead } => (looked, ahead),
            Self::Other(clock) => return clock.now(),
        };
        // Whoever sees a look also sees what it found, or what a later one did.
        if uptime.wrapping_sub(looked.load(Ordering::Acquire)) < BELIEVED {
            let ahead = ahead.load(Ordering::Acquire);
            return Timestamp::from_unix_micros(ahead.saturating_add(uptime));
        }
        let now = Clock::system().now();
        // One more: both readings are cut to microseconds, and no expiry may be told too late.
        let found = now.as_unix_micros().saturating_sub(uptime).saturating_add(1);
        ahead.store(found, Ordering::Release);
        looked.store(uptime, Ordering::Release);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(wall: &Wall) -> u64 {
        let Wall::System { looked, .. } = wall else { panic!("it is the system's") };
        looked.load(Ordering::Acquire)
    }

    #[test]
    fn it_is_looked_at_once_in_a_millisecond_and_never_behind() {
        let wall = Wall::system();
        let first = wall.at(5);
        assert_eq!(looks(&wall), 5);
        // The time passes as the other clock says.
        let last = wall.at(5 + BELIEVED - 1);
        let passed = last.since(first).as_micros() as u64;
        assert_eq!((passed, looks(&wall)), (BELIEVED, 5));
        wall.at(5 + BELIEVED);
        assert_eq!(looks(&wall), 5 + BELIEVED);
        // A reading from before the look, by a thread that slept.
        wall.at(5);
        assert_eq!(looks(&wall), 5);
    }

    /// Somebody sets the clock: the next look finds out.
    #[test]
    fn what_was_believed_is_forgotten() {
        let wall = Wall::system();
        let Wall::System { ahead, .. } = &wall else { panic!("it is the system's") };
        wall.at(5);
        ahead.store(0, Ordering::Release);
        assert_eq!(wall.at(6), Timestamp::from_unix_micros(6));
        let before = Clock::system().now();
        assert!(wall.at(5 + BELIEVED) >= before);
    }
}
