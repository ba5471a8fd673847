//! Records expire by the injected clock, at their own deadlines.

use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndOwnedParams, Load, Reason, Record, Store, Write};

use super::bench::{ABSOLUTE, IDLE, KEEP, MICROSECOND, SECOND, key, name, owner, well};
use super::{Bench, Harness};

/// An unused record is gone at its idle deadline, and still there one microsecond before.
pub async fn the_idle_deadline_is_kept_to_the_microsecond<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let record = bench.record(1);
    let version = bench.put(&key(1), &record).await;
    bench.time.advance(IDLE - MICROSECOND);
    bench.assert_holds(&key(1), version, &record).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(1)).await;
    bench.time.advance(SECOND);
    bench.assert_absent(&key(1)).await;
}

/// A record in use is gone at its absolute deadline, and still there one microsecond before.
pub async fn the_absolute_deadline_is_kept_to_the_microsecond<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let start = bench.time.now();
    let record = Record { idle: ABSOLUTE * 2, ..bench.record(1) };
    let version = bench.put(&key(1), &record).await;
    let used = Record { idle: IDLE, ..bench.record(1) };
    bench.put(&key(2), &used).await;
    while bench.time.now() < start + (ABSOLUTE - IDLE / 2) {
        bench.time.advance(IDLE / 2);
        bench.touch(&key(2), bench.time.now()).await;
    }
    bench.time.set(start + (ABSOLUTE - MICROSECOND));
    bench.assert_holds(&key(1), version, &record).await;
    bench.found(&key(2)).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(1)).await;
    bench.assert_absent(&key(2)).await;
}

/// Loading a record does not extend its life.
pub async fn a_load_is_no_use<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let record = bench.owned(1, owner(1));
    let version = bench.put(&key(1), &record).await;
    for _ in 0..2 {
        bench.time.advance(IDLE / 3);
        bench.assert_holds(&key(1), version, &record).await;
        bench.assert_listed(&owner(1), &[key(1)]).await;
    }
    bench.time.advance(IDLE / 3);
    bench.assert_absent(&key(1)).await;
}

/// An expired record is on no list from that moment on, and `end_owned` neither ends nor counts it.
pub async fn what_expired_is_not_listed<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    bench.put(&key(1), &bench.owned(1, owner(1))).await;
    let long = Record { idle: IDLE * 2, ..bench.owned(2, owner(1)) };
    bench.put(&key(2), &long).await;
    bench.time.advance(IDLE - MICROSECOND);
    bench.assert_listed(&owner(1), &[key(1), key(2)]).await;
    bench.time.advance(MICROSECOND);
    bench.assert_listed(&owner(1), &[key(2)]).await;
    if bench.lists() {
        let owner = owner(1);
        let kick = bench.store.end_owned(EndOwnedParams::new(owner, Reason::Kicked, KEEP));
        assert_eq!(well(kick.await), 1, "only live records are ended and counted");
        bench.assert_absent(&key(1)).await;
        bench.assert_ended(&key(2), Reason::Kicked).await;
    }
}

/// `load_now` agrees with `load`, or gives no answer, in every state of a record.
pub async fn load_now_agrees_with_load<H: Harness>(harness: &H) {
    async fn agree<S: Store>(bench: &Bench<S>, state: &str) {
        for _ in 0..2 {
            let Some(now) = bench.store.load_now(&key(1)) else { continue };
            let load = bench.load(&key(1)).await;
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

    let bench = Bench::new(harness).await;
    agree(&bench, "unknown").await;
    let version = bench.put(&key(1), &bench.record(1)).await;
    agree(&bench, "created").await;
    bench.time.advance(SECOND);
    let saved = bench.save(&key(1), version, &bench.record(2)).await;
    assert!(matches!(saved, Write::Done(_)));
    agree(&bench, "saved").await;
    bench.time.advance(SECOND);
    bench.touch(&key(1), bench.time.now()).await;
    agree(&bench, "touched").await;
    bench.time.advance(IDLE);
    agree(&bench, "expired").await;
    bench.put(&key(1), &bench.record(3)).await;
    agree(&bench, "created again").await;
    bench.end(&key(1), Reason::Reuse, KEEP).await;
    agree(&bench, "ended").await;
    bench.time.advance(KEEP);
    agree(&bench, "forgotten").await;
}

/// A deadline that is not a whole second or millisecond is kept to the microsecond too.
pub async fn an_odd_deadline_is_kept_to_the_microsecond<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let odd = MICROSECOND * 61_234_567;
    bench.time.advance(MICROSECOND * 123_456);
    let idle = Record { idle: odd, ..bench.owned(1, owner(1)) };
    let absolute = Record { absolute: bench.time.now() + odd, ..bench.owned(2, owner(1)) };
    bench.put(&key(1), &idle).await;
    bench.put(&key(2), &absolute).await;
    bench.end(&key(3), Reason::Kicked, odd).await;
    bench.time.advance(odd - MICROSECOND);
    bench.found(&key(1)).await;
    bench.found(&key(2)).await;
    bench.assert_ended(&key(3), Reason::Kicked).await;
    bench.assert_listed(&owner(1), &[key(1), key(2)]).await;
    bench.time.advance(MICROSECOND);
    for number in 1..=3 {
        bench.assert_absent(&key(number)).await;
    }
    bench.assert_listed(&owner(1), &[]).await;
}

/// A record without an idle or absolute deadline stays: "never" does not wrap around.
pub async fn what_never_ends_stays<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let (idle, absolute) = (std::time::Duration::MAX, Timestamp::MAX);
    bench.put(&key(1), &Record { idle, absolute, ..bench.owned(1, owner(1)) }).await;
    bench.time.advance(std::time::Duration::from_secs(60 * 60 * 24 * 365 * 200));
    bench.found(&key(1)).await;
    bench.assert_listed(&owner(1), &[key(1)]).await;
}
