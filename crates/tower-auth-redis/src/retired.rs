//! Retired entries of an owner's index, which lists skip.
//!
//! A list that finds a tombstone or no value under a key retires the entry, so that later lists do
//! not load it again. The entry stays in the index, where `end_owned` finds it. The record's next
//! entry makes it active again. An expired record does not retire its entry, because a corrected
//! clock may revive the record.
//!
//! An entry is not retired if its record may be about to live. No creation succeeds while a
//! tombstone counts. But under a key without a value, a creation may be in progress whose entry was
//! written first. So each entry holds the minute in which it was written.

use std::time::Duration;

use redis::Value;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Owner, Tombstone};

use crate::call::Call;
use crate::inner::Inner;
use crate::script::RETIRE;
use crate::value::member;

/// The lowest bits of a score hold the minute in which the entry was written. A score is in
/// microseconds.
const MINUTES: u64 = 1 << 20;
/// The bound from which on scores are not exact.
const EXACT: u64 = (1 << 53) - 2 * MINUTES;
/// The minimum age of an entry, in minutes, before a missing record retires it. It is longer than
/// any creation takes, measured with the clocks of two nodes.
const SETTLED: u64 = 60;
/// The remaining lifetime that a tombstone needs to retire an entry: longer than retiring takes.
const COUNTS: Duration = Duration::from_secs(60);

/// The keys that a list found without a live record.
#[derive(Default)]
pub(crate) struct Over {
    ended: Vec<u8>,
    gone: Vec<u8>,
}

impl Over {
    /// Adds `key` if its value is missing, or is a tombstone that counts for long enough.
    pub(crate) fn look_at(&mut self, key: &Key, found: &Value, now: Timestamp) {
        let counts =
            |bytes: &[u8]| Tombstone::from_bytes(bytes).is_some_and(|it| now + COUNTS < it.until);
        match found {
            Value::Nil => self.gone.extend(member(key)),
            Value::BulkString(bytes) if counts(bytes) => self.ended.extend(member(key)),
            _ => {}
        }
    }
}

impl Inner {
    /// Makes later lists skip the given keys. If this fails, the next list loads them again.
    pub(crate) async fn retire(&self, owner: &Owner, over: Over, now: Timestamp) {
        let Over { ended, gone } = over;
        if ended.is_empty() && gone.is_empty() {
            return;
        }
        let args = vec![text(minute(now)), ended, gone, text(SETTLED)];
        let _ = self.caller.one(&Call::step(&RETIRE, self.names.index(owner), args)).await;
    }
}

/// Returns an entry's score in two parts: its last deadline, and the minute in which it is written.
pub(crate) fn score(absolute: Timestamp, now: Timestamp) -> [Vec<u8>; 2] {
    let deadline = absolute.as_unix_micros();
    if deadline >= EXACT {
        return [text(deadline), text(0)];
    }
    // Rounded up, never down.
    [text(deadline.next_multiple_of(MINUTES)), text(minute(now))]
}

/// Returns the minute of `now`. Minutes repeat every two years; an old entry then counts as new for
/// an hour.
const fn minute(now: Timestamp) -> u64 {
    now.as_unix_micros() / 60_000_000 % MINUTES
}

fn text(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}
