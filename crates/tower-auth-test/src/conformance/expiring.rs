//! Records expire by the injected clock, at their own deadlines.

use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndOwnedParams, EndReason, Load, Record, Store, Write};

use super::fixture::{ABSOLUTE, IDLE, KEEP, MICROSECOND, SECOND, key, name, owner, well};
use super::{Fixture, Harness};

/// An unused record is gone at its idle deadline, and still there one microsecond before.
pub async fn the_idle_deadline_is_kept_to_the_microsecond<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let record = fixture.record(1);
    let version = fixture.put(&key(1), &record).await;
    fixture.time.advance(IDLE - MICROSECOND);
    fixture.assert_holds(&key(1), version, &record).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
    fixture.time.advance(SECOND);
    fixture.assert_absent(&key(1)).await;
}

/// A record in use is gone at its absolute deadline, and still there one microsecond before.
pub async fn the_absolute_deadline_is_kept_to_the_microsecond<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let start = fixture.time.now();
    let record = Record { idle: ABSOLUTE * 2, ..fixture.record(1) };
    let version = fixture.put(&key(1), &record).await;
    let used = Record { idle: IDLE, ..fixture.record(1) };
    fixture.put(&key(2), &used).await;
    while fixture.time.now() < start + (ABSOLUTE - IDLE / 2) {
        fixture.time.advance(IDLE / 2);
        fixture.touch(&key(2), fixture.time.now()).await;
    }
    fixture.time.set(start + (ABSOLUTE - MICROSECOND));
    fixture.assert_holds(&key(1), version, &record).await;
    fixture.found(&key(2)).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
    fixture.assert_absent(&key(2)).await;
}

/// Loading a record does not extend its life.
pub async fn a_load_is_no_use<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let record = fixture.owned(1, owner(1));
    let version = fixture.put(&key(1), &record).await;
    for _ in 0..2 {
        fixture.time.advance(IDLE / 3);
        fixture.assert_holds(&key(1), version, &record).await;
        fixture.assert_listed(&owner(1), &[key(1)]).await;
    }
    fixture.time.advance(IDLE / 3);
    fixture.assert_absent(&key(1)).await;
}

/// An expired record is on no list from that moment on, and `end_owned` neither ends nor counts it.
pub async fn what_expired_is_not_listed<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.put(&key(1), &fixture.owned(1, owner(1))).await;
    let long = Record { idle: IDLE * 2, ..fixture.owned(2, owner(1)) };
    fixture.put(&key(2), &long).await;
    fixture.time.advance(IDLE - MICROSECOND);
    fixture.assert_listed(&owner(1), &[key(1), key(2)]).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_listed(&owner(1), &[key(2)]).await;
    if fixture.lists() {
        let owner = owner(1);
        let kick = fixture.store.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, KEEP));
        assert_eq!(well(kick.await), 1, "only live records are ended and counted");
        fixture.assert_absent(&key(1)).await;
        fixture.assert_ended(&key(2), EndReason::Kicked).await;
    }
}

/// `load_now` agrees with `load`, or gives no answer, in every state of a record.
pub async fn load_now_agrees_with_load<H: Harness>(harness: &H) {
    async fn agree<S: Store>(fixture: &Fixture<S>, state: &str) {
        for _ in 0..2 {
            let Some(now) = fixture.store.load_now(&key(1)) else { continue };
            let load = fixture.load(&key(1)).await;
            let same = match (&now, &load) {
                (Load::Found(now), Load::Found(load)) => now == load,
                (Load::Absent, Load::Absent) => true,
                (Load::Ended { reason, until }, Load::Ended { reason: its, until: stays }) => {
                    (reason, until) == (its, stays)
                }
                _ => false,
            };
            let (now, load) = (name(&now), name(&load));
            assert!(same, "{state}: load_now says {now}, load says {load}");
        }
    }

    let fixture = Fixture::new(harness).await;
    agree(&fixture, "unknown").await;
    let version = fixture.put(&key(1), &fixture.record(1)).await;
    agree(&fixture, "created").await;
    fixture.time.advance(SECOND);
    let saved = fixture.save(&key(1), version, &fixture.record(2)).await;
    assert!(matches!(saved, Write::Done(_)));
    agree(&fixture, "saved").await;
    fixture.time.advance(SECOND);
    fixture.touch(&key(1), fixture.time.now()).await;
    agree(&fixture, "touched").await;
    fixture.time.advance(IDLE);
    agree(&fixture, "expired").await;
    fixture.put(&key(1), &fixture.record(3)).await;
    agree(&fixture, "created again").await;
    fixture.end(&key(1), EndReason::Reuse, KEEP).await;
    agree(&fixture, "ended").await;
    fixture.time.advance(KEEP);
    agree(&fixture, "forgotten").await;
}

/// A deadline that is not a whole second or millisecond is kept to the microsecond too.
pub async fn an_odd_deadline_is_kept_to_the_microsecond<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let odd = MICROSECOND * 61_234_567;
    fixture.time.advance(MICROSECOND * 123_456);
    let idle = Record { idle: odd, ..fixture.owned(1, owner(1)) };
    let absolute = Record { absolute: fixture.time.now() + odd, ..fixture.owned(2, owner(1)) };
    fixture.put(&key(1), &idle).await;
    fixture.put(&key(2), &absolute).await;
    fixture.end(&key(3), EndReason::Kicked, odd).await;
    fixture.time.advance(odd - MICROSECOND);
    fixture.found(&key(1)).await;
    fixture.found(&key(2)).await;
    fixture.assert_ended(&key(3), EndReason::Kicked).await;
    fixture.assert_listed(&owner(1), &[key(1), key(2)]).await;
    fixture.time.advance(MICROSECOND);
    for number in 1..=3 {
        fixture.assert_absent(&key(number)).await;
    }
    fixture.assert_listed(&owner(1), &[]).await;
}

/// A record without an idle or absolute deadline stays: "never" does not wrap around.
pub async fn what_never_ends_stays<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let (idle, absolute) = (std::time::Duration::MAX, Timestamp::MAX);
    fixture.put(&key(1), &Record { idle, absolute, ..fixture.owned(1, owner(1)) }).await;
    fixture.time.advance(std::time::Duration::from_secs(60 * 60 * 24 * 365 * 200));
    fixture.found(&key(1)).await;
    fixture.assert_listed(&owner(1), &[key(1)]).await;
}
