//! `end`: the record is gone when it returns, and a tombstone says why.

use std::time::Duration;

use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Load, Owner, Record, Store, Version, Write,
};

use super::fixture::{IDLE, KEEP, MICROSECOND, SECOND, key, name, owner, well};
use super::{Fixture, Harness};

/// An ended record is gone when the end returns, and a load returns the reason: every reason.
pub async fn an_ended_record_is_gone_at_once<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for (number, reason) in (1..).zip(EndReason::ALL) {
        fixture.put(&key(number), &fixture.owned(1, owner(1))).await;
        fixture.assert_listed(&owner(1), &[key(number)]).await;
        fixture.end(&key(number), reason, KEEP).await;
        fixture.assert_ended(&key(number), reason).await;
        fixture.assert_listed(&owner(1), &[]).await;
    }
}

/// A tombstone stays exactly as long as requested, to the microsecond, and then leaves nothing.
pub async fn a_tombstone_stays_as_long_as_asked<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for (number, reason) in (1..).zip(EndReason::ALL) {
        fixture.put(&key(number), &fixture.record(1)).await;
        fixture.end(&key(number), reason, KEEP).await;
        fixture.time.advance(KEEP - MICROSECOND);
        fixture.assert_ended(&key(number), reason).await;
        fixture.time.advance(MICROSECOND);
        fixture.assert_absent(&key(number)).await;
    }
}

/// A tombstone outlives the deadlines of its record.
pub async fn a_tombstone_outlives_the_records_deadline<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.put(&key(1), &fixture.record(1)).await;
    fixture.time.advance(IDLE - SECOND);
    fixture.end(&key(1), EndReason::Revoked, IDLE * 20).await;
    fixture.time.advance(IDLE * 20 - MICROSECOND);
    fixture.assert_ended(&key(1), EndReason::Revoked).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
}

/// An end leaves a tombstone even if there was no record, or an expired one.
pub async fn an_end_needs_no_record<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.put(&key(2), &fixture.record(1)).await;
    fixture.time.advance(IDLE);
    for number in 1..=2 {
        fixture.end(&key(number), EndReason::Revoked, KEEP).await;
        fixture.assert_ended(&key(number), EndReason::Revoked).await;
        let ended = Write::Ended(EndReason::Revoked);
        assert_eq!(fixture.create(&key(number), &fixture.record(2)).await, ended);
        let any = Version::from_raw(7);
        assert_eq!(fixture.save(&key(number), any, &fixture.record(2)).await, ended);
    }
    fixture.time.advance(KEEP);
    fixture.assert_absent(&key(1)).await;
    fixture.assert_absent(&key(2)).await;
}

/// A second end keeps the first reason, and the tombstone stays for the longer of the two times.
pub async fn a_second_end_keeps_the_first_reason_and_the_longer_stay<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let (short, long) = (KEEP, KEEP * 3);
    for (number, first, second) in [(1, long, short), (2, short, long)] {
        let start = fixture.time.now();
        fixture.put(&key(number), &fixture.record(1)).await;
        fixture.end(&key(number), EndReason::Reuse, first).await;
        fixture.time.advance(SECOND);
        fixture.end(&key(number), EndReason::LoggedOut, second).await;
        fixture.assert_ended(&key(number), EndReason::Reuse).await;
        let stay = first.max(SECOND + second);
        let until = match fixture.load(&key(number)).await {
            Load::Ended { until, .. } => until,
            other => panic!("{} after the record's end", name(&other)),
        };
        assert_eq!(until, start + stay, "the tombstone's expiry");
        fixture.time.set(start + (stay - MICROSECOND));
        fixture.assert_ended(&key(number), EndReason::Reuse).await;
        fixture.time.set(start + stay);
        fixture.assert_absent(&key(number)).await;
    }
}

/// An end after the tombstone has expired is a first end again.
pub async fn an_end_after_the_tombstone_is_a_first_one<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.end(&key(1), EndReason::Kicked, KEEP).await;
    fixture.time.advance(KEEP);
    fixture.end(&key(1), EndReason::LoggedOut, KEEP).await;
    fixture.assert_ended(&key(1), EndReason::LoggedOut).await;
}

/// A tombstone with a lifetime beyond the end of time stays, and is no error.
pub async fn a_tombstone_may_stay_for_ever<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.put(&key(1), &fixture.record(1)).await;
    fixture.end(&key(1), EndReason::Revoked, Duration::MAX).await;
    fixture.time.advance(Duration::from_secs(60 * 60 * 24 * 365 * 200));
    fixture.assert_ended(&key(1), EndReason::Revoked).await;
}

/// An end that keeps no tombstone still ends the record.
pub async fn an_end_that_keeps_nothing_still_ends<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let version = fixture.put(&key(1), &fixture.owned(1, owner(1))).await;
    fixture.end(&key(1), EndReason::LoggedOut, Duration::ZERO).await;
    fixture.assert_absent(&key(1)).await;
    fixture.assert_listed(&owner(1), &[]).await;
    let late = fixture.save(&key(1), version, &fixture.record(2)).await;
    assert_eq!(late, Write::Conflict, "a late save created the record again");
}

/// Nothing of an ended record stays under its key: not the secret's hash and the identity (`meta`),
/// not the application's data, and not the owner. Only the tombstone stays.
pub async fn an_end_leaves_nothing_of_the_record<H: Harness>(harness: &H) {
    const META: &[u8] = b"hash-of-the-secret-and-identity";
    const DATA: &[u8] = br#"{"card":"4000-0000-0000-0002"}"#;
    let fixture = Fixture::new(harness).await;
    let owner = Owner::new(*b"whose-record-it-was-is-gone-too!");
    let holds = |row: &[u8], part: &[u8]| row.windows(part.len()).any(|it| it == part);
    for (data_is_json, round) in [(true, 0), (false, 10)] {
        let (meta, data) = (META.into(), DATA.into());
        let record = Record { meta, data, data_is_json, ..fixture.owned(1, owner) };
        let keys: Vec<_> = (round + 1..=round + 5).map(key).collect();
        let (expired, others) = keys.split_last().expect("five keys");
        for key in others {
            fixture.put(key, &record).await;
            let Some(row) = harness.row(&fixture.store, key).await else { return };
            let shows = holds(&row, META) && holds(&row, DATA);
            assert!(shows, "the harness does not show what the server holds under a key");
        }
        fixture.end(&keys[0], EndReason::LoggedOut, KEEP).await;
        fixture.end(&keys[1], EndReason::LoggedOut, Duration::ZERO).await;
        fixture.end(&keys[2], EndReason::Reuse, KEEP).await;
        fixture.end(&keys[2], EndReason::LoggedOut, KEEP * 2).await;
        end_all(&fixture, &owner, &keys[3]).await;
        // An expired record that no clean-up has removed.
        fixture.put(expired, &record).await;
        fixture.time.advance(IDLE * 2);
        fixture.end(expired, EndReason::Revoked, KEEP).await;
        for (key, at) in keys.iter().zip(1..) {
            let row = harness.row(&fixture.store, key).await.expect("a row as before");
            for (name, part) in [("meta", META), ("data", DATA), ("owner", owner.as_bytes())] {
                assert!(!holds(&row, part), "the record's {name} stays after end {at}");
            }
        }
    }
}

/// Ends an owner's only record, with `end_owned` if the store supports it.
async fn end_all<S: Store>(fixture: &Fixture<S>, owner: &Owner, key: &Key) {
    if !fixture.lists() {
        return fixture.end(key, EndReason::Kicked, KEEP).await;
    }
    let all = fixture.store.end_owned(EndOwnedParams::new(*owner, EndReason::Kicked, KEEP));
    assert_eq!(well(all.await), 1, "the number of ended records");
}
