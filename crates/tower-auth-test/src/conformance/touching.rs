//! `touch`: moves the idle deadline, forward only, and nothing else.

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Reason, Record};

use super::bench::{ABSOLUTE, IDLE, KEEP, MICROSECOND, SECOND, done, key, owner};
use super::{Bench, Harness};

/// A touch moves the last use, and with it the idle deadline. The version and all other fields
/// stay.
pub async fn a_touch_moves_the_idle_deadline<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let record = bench.owned(1, owner(1));
    let version = bench.put(&key(1), &record).await;
    bench.time.advance(IDLE - MICROSECOND);
    let now = bench.time.now();
    bench.touch(&key(1), now).await;
    bench.assert_holds(&key(1), version, &Record { last: now, ..record.clone() }).await;
    bench.assert_listed(&owner(1), &[key(1)]).await;
    bench.time.advance(IDLE - MICROSECOND);
    bench.assert_holds(&key(1), version, &Record { last: now, ..record }).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(1)).await;
}

/// A touch never moves the last use back.
pub async fn a_touch_never_moves_back<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let start = bench.time.now();
    let record = bench.record(1);
    let version = bench.put(&key(1), &record).await;
    bench.time.advance(SECOND * 10);
    bench.touch(&key(1), start + SECOND * 10).await;
    let before = Timestamp::from_unix_micros(start.as_unix_micros() - 1);
    for seen in [start + SECOND * 9, start, before, Timestamp::from_unix_seconds(0)] {
        bench.touch(&key(1), seen).await;
        let last = start + SECOND * 10;
        bench.assert_holds(&key(1), version, &Record { last, ..record.clone() }).await;
    }
}

/// No touch moves the absolute deadline, however far forward it is.
pub async fn a_touch_never_moves_the_absolute_deadline<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let start = bench.time.now();
    for number in 1..=2 {
        bench.put(&key(number), &bench.record(1)).await;
    }
    bench.touch(&key(1), start + ABSOLUTE * 10).await;
    bench.touch(&key(2), Timestamp::MAX).await;
    bench.time.set(start + (ABSOLUTE - MICROSECOND));
    bench.found(&key(1)).await;
    bench.found(&key(2)).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(1)).await;
    bench.assert_absent(&key(2)).await;
}

/// A touch of a record that is not live does nothing and is no error: it creates no record, revives
/// no expired one, and leaves a tombstone as it is.
pub async fn a_touch_of_what_is_gone_does_nothing<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    bench.touch(&key(1), bench.time.now()).await;
    bench.assert_absent(&key(1)).await;

    bench.put(&key(2), &bench.owned(1, owner(1))).await;
    bench.time.advance(IDLE);
    bench.touch(&key(2), bench.time.now()).await;
    bench.assert_absent(&key(2)).await;
    bench.assert_listed(&owner(1), &[]).await;

    bench.put(&key(3), &bench.record(1)).await;
    bench.end(&key(3), Reason::Kicked, KEEP).await;
    bench.time.advance(KEEP - MICROSECOND);
    bench.touch(&key(3), bench.time.now()).await;
    bench.assert_ended(&key(3), Reason::Kicked).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(3)).await;
}

/// A touch between reading and saving causes no conflict: the version does not change.
pub async fn a_touch_is_in_no_saves_way<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let version = bench.put(&key(1), &bench.record(1)).await;
    bench.time.advance(SECOND);
    bench.touch(&key(1), bench.time.now()).await;
    done(bench.save(&key(1), version, &bench.record(2)).await);
}
