//! An owner's list that is written separately from the records.

use tower_auth_core::store::{
    EndOwnedParams, EndReason, Load, Record, RecordKinds, Store as _, StoreErrorKind, Version,
    Write,
};

use super::fixture::{ABSOLUTE, DAY, KEEP, SECOND, assert_error, done, key, owner, well};
use super::{Fixture, Harness};

/// A creation, or a save that sets the owner, is answered `Done` only if the record is on the
/// owner's list. If the entry cannot be written, the answer is an error, and a later write adds the
/// entry.
pub async fn a_write_whose_list_entry_failed_is_not_done<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    if !fixture.lists() {
        return;
    }
    let (its, record) = (owner(1), fixture.owned(1, owner(1)));
    let free = fixture.put(&key(2), &fixture.record(2)).await;
    if !harness.break_list(&fixture.store, &its, true).await {
        return;
    }
    let created = fixture.store.create(&key(1), &record).await;
    let saved = fixture.store.save(&key(2), free, &record).await;
    // The other owners' lists are unaffected.
    fixture.put(&key(3), &fixture.owned(3, owner(2))).await;
    harness.break_list(&fixture.store, &its, false).await;
    fixture.assert_listed(&owner(2), &[key(3)]).await;

    let listed = fixture.list(RecordKinds::All, &its).await;
    for (number, answer) in [(1, created), (2, saved)] {
        let is_listed = listed.iter().any(|entry| entry.key == key(number));
        match answer {
            Ok(Write::Done(_)) => assert!(is_listed, "a stored record is on no list"),
            Ok(other) => panic!("{other:?} from a write without a competitor"),
            error => assert_error(error, StoreErrorKind::Unavailable),
        }
        // The caller could not know whether the write was done. Now it is stored, so it must be
        // listed.
        match fixture.load(&key(number)).await {
            Load::Found(stored) => done(fixture.save(&key(number), stored.version, &record).await),
            _ => fixture.put(&key(number), &record).await,
        };
    }
    fixture.assert_listed(&its, &[key(1), key(2)]).await;
    let kick = fixture.store.end_owned(EndOwnedParams::new(its, EndReason::Kicked, KEEP));
    assert_eq!(well(kick.await), 2);
}

/// A write with an earlier deadline, done or refused, of the record itself or of another record of
/// its owner, takes no longer-lived record off the list.
pub async fn no_write_brings_the_end_of_a_list_entry_nearer<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    if !fixture.lists() {
        return;
    }
    let its = owner(1);
    let short = fixture.owned(1, its);
    let long = Record { idle: DAY * 30, absolute: fixture.time.now() + DAY * 30, ..short.clone() };
    // Of the record itself: refused…
    fixture.put(&key(1), &long).await;
    assert_eq!(fixture.create(&key(1), &short).await, Write::Conflict);
    let another = Version::from_raw(1);
    assert_eq!(fixture.save(&key(1), another, &short).await, Write::Conflict);
    // …and done, before a save that extends the deadline again.
    let first = fixture.put(&key(2), &long).await;
    let second = done(fixture.save(&key(2), first, &short).await);
    done(fixture.save(&key(2), second, &long).await);
    // Of another record.
    let other = fixture.put(&key(3), &short).await;
    done(fixture.save(&key(3), other, &short).await);
    fixture.touch(&key(3), fixture.time.now() + SECOND).await;
    fixture.pass(harness, ABSOLUTE + DAY * 2).await;
    // This write may remove expired entries from the list.
    fixture.put(&key(4), &fixture.owned(4, its)).await;
    fixture.assert_listed(&its, &[key(1), key(2), key(4)]).await;
    fixture.pass(harness, DAY * 2).await;
    fixture.assert_listed(&its, &[key(1), key(2)]).await;
    let kick = fixture.store.end_owned(EndOwnedParams::new(its, EndReason::Kicked, KEEP));
    assert_eq!(well(kick.await), 2, "the number of ended records");
    fixture.assert_ended(&key(1), EndReason::Kicked).await;
    fixture.assert_ended(&key(2), EndReason::Kicked).await;
}
