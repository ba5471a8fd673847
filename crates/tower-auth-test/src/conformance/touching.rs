//! `touch`: moves the idle deadline, forward only, and nothing else.

use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndReason, Record};

use super::fixture::{ABSOLUTE, IDLE, KEEP, MICROSECOND, SECOND, done, key, owner};
use super::{Fixture, Harness};

/// A touch moves the last use, and with it the idle deadline. The version and all other fields
/// stay.
pub async fn a_touch_moves_the_idle_deadline<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let record = fixture.owned(1, owner(1));
    let version = fixture.put(&key(1), &record).await;
    fixture.time.advance(IDLE - MICROSECOND);
    let now = fixture.time.now();
    fixture.touch(&key(1), now).await;
    fixture.assert_holds(&key(1), version, &Record { last: now, ..record.clone() }).await;
    fixture.assert_listed(&owner(1), &[key(1)]).await;
    fixture.time.advance(IDLE - MICROSECOND);
    fixture.assert_holds(&key(1), version, &Record { last: now, ..record }).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
}

/// A touch never moves the last use back.
pub async fn a_touch_never_moves_back<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let start = fixture.time.now();
    let record = fixture.record(1);
    let version = fixture.put(&key(1), &record).await;
    fixture.time.advance(SECOND * 10);
    fixture.touch(&key(1), start + SECOND * 10).await;
    let before = Timestamp::from_unix_micros(start.as_unix_micros() - 1);
    for seen in [start + SECOND * 9, start, before, Timestamp::from_unix_seconds(0)] {
        fixture.touch(&key(1), seen).await;
        let last = start + SECOND * 10;
        fixture.assert_holds(&key(1), version, &Record { last, ..record.clone() }).await;
    }
}

/// No touch moves the absolute deadline, however far forward it is.
pub async fn a_touch_never_moves_the_absolute_deadline<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let start = fixture.time.now();
    for number in 1..=2 {
        fixture.put(&key(number), &fixture.record(1)).await;
    }
    fixture.touch(&key(1), start + ABSOLUTE * 10).await;
    fixture.touch(&key(2), Timestamp::MAX).await;
    fixture.time.set(start + (ABSOLUTE - MICROSECOND));
    fixture.found(&key(1)).await;
    fixture.found(&key(2)).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
    fixture.assert_absent(&key(2)).await;
}

/// A touch of a record that is not live does nothing and is no error: it creates no record, revives
/// no expired one, and leaves a tombstone as it is.
pub async fn a_touch_of_what_is_gone_does_nothing<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.touch(&key(1), fixture.time.now()).await;
    fixture.assert_absent(&key(1)).await;

    fixture.put(&key(2), &fixture.owned(1, owner(1))).await;
    fixture.time.advance(IDLE);
    fixture.touch(&key(2), fixture.time.now()).await;
    fixture.assert_absent(&key(2)).await;
    fixture.assert_listed(&owner(1), &[]).await;

    fixture.put(&key(3), &fixture.record(1)).await;
    fixture.end(&key(3), EndReason::Kicked, KEEP).await;
    fixture.time.advance(KEEP - MICROSECOND);
    fixture.touch(&key(3), fixture.time.now()).await;
    fixture.assert_ended(&key(3), EndReason::Kicked).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(3)).await;
}

/// A touch between reading and saving causes no conflict: the version does not change.
pub async fn a_touch_is_in_no_saves_way<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let version = fixture.put(&key(1), &fixture.record(1)).await;
    fixture.time.advance(SECOND);
    fixture.touch(&key(1), fixture.time.now()).await;
    done(fixture.save(&key(1), version, &fixture.record(2)).await);
}
