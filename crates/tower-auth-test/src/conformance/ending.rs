//! `end`: the record is gone when it returns, and a tombstone says why.

use std::time::Duration;

use tower_auth_core::store::{
    EndOwnedParams, Key, Load, Owner, Reason, Record, Store, Version, Write,
};

use super::bench::{IDLE, KEEP, MICROSECOND, SECOND, key, name, owner, well};
use super::{Bench, Harness};

/// An ended record is gone when the end returns, and a load returns the reason: every reason.
pub async fn an_ended_record_is_gone_at_once<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    for (number, reason) in (1..).zip(Reason::ALL) {
        bench.put(&key(number), &bench.owned(1, owner(1))).await;
        bench.assert_listed(&owner(1), &[key(number)]).await;
        bench.end(&key(number), reason, KEEP).await;
        bench.assert_ended(&key(number), reason).await;
        bench.assert_listed(&owner(1), &[]).await;
    }
}

/// A tombstone stays exactly as long as requested, to the microsecond, and then leaves nothing.
pub async fn a_tombstone_stays_as_long_as_asked<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    for (number, reason) in (1..).zip(Reason::ALL) {
        bench.put(&key(number), &bench.record(1)).await;
        bench.end(&key(number), reason, KEEP).await;
        bench.time.advance(KEEP - MICROSECOND);
        bench.assert_ended(&key(number), reason).await;
        bench.time.advance(MICROSECOND);
        bench.assert_absent(&key(number)).await;
    }
}

/// A tombstone outlives the deadlines of its record.
pub async fn a_tombstone_outlives_the_records_deadline<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    bench.put(&key(1), &bench.record(1)).await;
    bench.time.advance(IDLE - SECOND);
    bench.end(&key(1), Reason::Revoked, IDLE * 20).await;
    bench.time.advance(IDLE * 20 - MICROSECOND);
    bench.assert_ended(&key(1), Reason::Revoked).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(1)).await;
}

/// An end leaves a tombstone even if there was no record, or an expired one.
pub async fn an_end_needs_no_record<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    bench.put(&key(2), &bench.record(1)).await;
    bench.time.advance(IDLE);
    for number in 1..=2 {
        bench.end(&key(number), Reason::Revoked, KEEP).await;
        bench.assert_ended(&key(number), Reason::Revoked).await;
        let ended = Write::Ended(Reason::Revoked);
        assert_eq!(bench.create(&key(number), &bench.record(2)).await, ended);
        let any = Version::from_raw(7);
        assert_eq!(bench.save(&key(number), any, &bench.record(2)).await, ended);
    }
    bench.time.advance(KEEP);
    bench.assert_absent(&key(1)).await;
    bench.assert_absent(&key(2)).await;
}

/// A second end keeps the first reason, and the tombstone stays for the longer of the two times.
pub async fn a_second_end_keeps_the_first_reason_and_the_longer_stay<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let (short, long) = (KEEP, KEEP * 3);
    for (number, first, second) in [(1, long, short), (2, short, long)] {
        let start = bench.time.now();
        bench.put(&key(number), &bench.record(1)).await;
        bench.end(&key(number), Reason::Reuse, first).await;
        bench.time.advance(SECOND);
        bench.end(&key(number), Reason::LoggedOut, second).await;
        bench.assert_ended(&key(number), Reason::Reuse).await;
        let stay = first.max(SECOND + second);
        let until = match bench.load(&key(number)).await {
            Load::Ended { until, .. } => until,
            other => panic!("{} after the record's end", name(&other)),
        };
        assert_eq!(until, start + stay, "the tombstone's expiry");
        bench.time.set(start + (stay - MICROSECOND));
        bench.assert_ended(&key(number), Reason::Reuse).await;
        bench.time.set(start + stay);
        bench.assert_absent(&key(number)).await;
    }
}

/// An end after the tombstone has expired is a first end again.
pub async fn an_end_after_the_tombstone_is_a_first_one<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    bench.end(&key(1), Reason::Kicked, KEEP).await;
    bench.time.advance(KEEP);
    bench.end(&key(1), Reason::LoggedOut, KEEP).await;
    bench.assert_ended(&key(1), Reason::LoggedOut).await;
}

/// A tombstone with a lifetime beyond the end of time stays, and is no error.
pub async fn a_tombstone_may_stay_for_ever<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    bench.put(&key(1), &bench.record(1)).await;
    bench.end(&key(1), Reason::Revoked, Duration::MAX).await;
    bench.time.advance(Duration::from_secs(60 * 60 * 24 * 365 * 200));
    bench.assert_ended(&key(1), Reason::Revoked).await;
}

/// An end that keeps no tombstone still ends the record.
pub async fn an_end_that_keeps_nothing_still_ends<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let version = bench.put(&key(1), &bench.owned(1, owner(1))).await;
    bench.end(&key(1), Reason::LoggedOut, Duration::ZERO).await;
    bench.assert_absent(&key(1)).await;
    bench.assert_listed(&owner(1), &[]).await;
    let late = bench.save(&key(1), version, &bench.record(2)).await;
    assert_eq!(late, Write::Conflict, "a late save created the record again");
}

/// Nothing of an ended record stays under its key: not the secret's hash and the identity (`meta`),
/// not the application's data, and not the owner. Only the tombstone stays.
pub async fn an_end_leaves_nothing_of_the_record<H: Harness>(harness: &H) {
    const META: &[u8] = b"hash-of-the-secret-and-identity";
    const DATA: &[u8] = br#"{"card":"4000-0000-0000-0002"}"#;
    let bench = Bench::new(harness).await;
    let owner = Owner::new(*b"whose-record-it-was-is-gone-too!");
    let holds = |row: &[u8], part: &[u8]| row.windows(part.len()).any(|it| it == part);
    for (data_is_json, round) in [(true, 0), (false, 10)] {
        let (meta, data) = (META.into(), DATA.into());
        let record = Record { meta, data, data_is_json, ..bench.owned(1, owner) };
        let keys: Vec<_> = (round + 1..=round + 5).map(key).collect();
        let (expired, others) = keys.split_last().expect("five keys");
        for key in others {
            bench.put(key, &record).await;
            let Some(row) = harness.row(&bench.store, key).await else { return };
            let shows = holds(&row, META) && holds(&row, DATA);
            assert!(shows, "the harness does not show what the server holds under a key");
        }
        bench.end(&keys[0], Reason::LoggedOut, KEEP).await;
        bench.end(&keys[1], Reason::LoggedOut, Duration::ZERO).await;
        bench.end(&keys[2], Reason::Reuse, KEEP).await;
        bench.end(&keys[2], Reason::LoggedOut, KEEP * 2).await;
        end_all(&bench, &owner, &keys[3]).await;
        // An expired record that no clean-up has removed.
        bench.put(expired, &record).await;
        bench.time.advance(IDLE * 2);
        bench.end(expired, Reason::Revoked, KEEP).await;
        for (key, at) in keys.iter().zip(1..) {
            let row = harness.row(&bench.store, key).await.expect("a row as before");
            for (name, part) in [("meta", META), ("data", DATA), ("owner", owner.as_bytes())] {
                assert!(!holds(&row, part), "the record's {name} stays after end {at}");
            }
        }
    }
}

/// Ends an owner's only record, with `end_owned` if the store supports it.
async fn end_all<S: Store>(bench: &Bench<S>, owner: &Owner, key: &Key) {
    if !bench.lists() {
        return bench.end(key, Reason::Kicked, KEEP).await;
    }
    let all = bench.store.end_owned(EndOwnedParams::new(*owner, Reason::Kicked, KEEP));
    assert_eq!(well(all.await), 1, "the number of ended records");
}
