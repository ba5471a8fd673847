//! Entries of an owner's index that no list reads any more.
//!
//! A list that finds a tombstone, or nothing, retires the entry, so that later lists need not look
//! again. It stays in the index, where a kick finds it, and comes back with the record's next entry.
//! An expired record retires nothing: a clock that is put right makes it live again.
//!
//! Nothing retires that may be about to live. While a tombstone counts, no creation is done; and under a
//! key where nothing is, a creation may be under way whose entry is there first. So each entry says
//! when it came in.

use std::time::Duration;

use redis::Value;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Owner, Tombstone};

use crate::call::Call;
use crate::inner::Inner;
use crate::script::RETIRE;
use crate::value::member;

/// The lowest bits of a score hold the minute that the entry came in at; a score counts microseconds.
const MINUTES: u64 = 1 << 20;
/// From here on a score is not exact.
const EXACT: u64 = (1 << 53) - 2 * MINUTES;
/// For how many minutes an entry must have been there before nothing under its key retires it: longer
/// than any creation takes, by the clocks of two nodes.
const SETTLED: u64 = 60;
/// For how long a tombstone must still count to retire an entry: longer than that takes.
const COUNTS: Duration = Duration::from_secs(60);

/// What a list found to be over.
#[derive(Default)]
pub(crate) struct Over {
    ended: Vec<u8>,
    gone: Vec<u8>,
}

impl Over {
    /// Looks at what was found under a key.
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
    /// Has later lists leave out what is over. Where that fails they look once more.
    pub(crate) async fn retire(&self, owner: &Owner, over: Over, now: Timestamp) {
        let Over { ended, gone } = over;
        if ended.is_empty() && gone.is_empty() {
            return;
        }
        let args = vec![text(minute(now)), ended, gone, text(SETTLED)];
        let _ = self.caller.one(&Call::step(&RETIRE, self.names.index(owner), args)).await;
    }
}

/// An entry's score, in two parts: its last deadline, and the minute that it comes in at.
pub(crate) fn score(absolute: Timestamp, now: Timestamp) -> [Vec<u8>; 2] {
    let deadline = absolute.as_unix_micros();
    if deadline >= EXACT {
        return [text(deadline), text(0)];
    }
    // Later, never earlier.
    [text(deadline.next_multiple_of(MINUTES)), text(minute(now))]
}

/// The minutes come round again every other year: then an old entry counts as a new one for an hour.
const fn minute(now: Timestamp) -> u64 {
    now.as_unix_micros() / 60_000_000 % MINUTES
}

fn text(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}
