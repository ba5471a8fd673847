//! An owner's list that is written separately from the records.

use tower_auth_core::store::{
    EndOwnedParams, ErrorKind, Kinds, Load, Reason, Record, Store as _, Version, Write,
};

use super::bench::{ABSOLUTE, DAY, KEEP, SECOND, assert_error, done, key, owner, well};
use super::{Bench, Harness};

/// A creation, or a save that sets the owner, is answered `Done` only if the record is on the
/// owner's list. If the entry cannot be written, the answer is an error, and a later write adds the
/// entry.
pub async fn a_write_whose_list_entry_failed_is_not_done<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    if !bench.lists() {
        return;
    }
    let (its, record) = (owner(1), bench.owned(1, owner(1)));
    let free = bench.put(&key(2), &bench.record(2)).await;
    if !harness.break_list(&bench.store, &its, true).await {
        return;
    }
    let created = bench.store.create(&key(1), &record).await;
    let saved = bench.store.save(&key(2), free, &record).await;
    // The other owners' lists are unaffected.
    bench.put(&key(3), &bench.owned(3, owner(2))).await;
    harness.break_list(&bench.store, &its, false).await;
    bench.assert_listed(&owner(2), &[key(3)]).await;

    let listed = bench.list(Kinds::All, &its).await;
    for (number, answer) in [(1, created), (2, saved)] {
        let is_listed = listed.iter().any(|entry| entry.key == key(number));
        match answer {
            Ok(Write::Done(_)) => assert!(is_listed, "a stored record is on no list"),
            Ok(other) => panic!("{other:?} from a write without a competitor"),
            error => assert_error(error, ErrorKind::Unavailable),
        }
        // The caller could not know whether the write was done. Now it is stored, so it must be
        // listed.
        match bench.load(&key(number)).await {
            Load::Found(stored) => done(bench.save(&key(number), stored.version, &record).await),
            _ => bench.put(&key(number), &record).await,
        };
    }
    bench.assert_listed(&its, &[key(1), key(2)]).await;
    let kick = bench.store.end_owned(EndOwnedParams::new(its, Reason::Kicked, KEEP));
    assert_eq!(well(kick.await), 2);
}

/// A write with an earlier deadline, done or refused, of the record itself or of another record of
/// its owner, takes no longer-lived record off the list.
pub async fn no_write_brings_the_end_of_a_list_entry_nearer<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    if !bench.lists() {
        return;
    }
    let its = owner(1);
    let short = bench.owned(1, its);
    let long = Record { idle: DAY * 30, absolute: bench.time.now() + DAY * 30, ..short.clone() };
    // Of the record itself: refused…
    bench.put(&key(1), &long).await;
    assert_eq!(bench.create(&key(1), &short).await, Write::Conflict);
    let another = Version::from_raw(1);
    assert_eq!(bench.save(&key(1), another, &short).await, Write::Conflict);
    // …and done, before a save that extends the deadline again.
    let first = bench.put(&key(2), &long).await;
    let second = done(bench.save(&key(2), first, &short).await);
    done(bench.save(&key(2), second, &long).await);
    // Of another record.
    let other = bench.put(&key(3), &short).await;
    done(bench.save(&key(3), other, &short).await);
    bench.touch(&key(3), bench.time.now() + SECOND).await;
    bench.pass(harness, ABSOLUTE + DAY * 2).await;
    // This write may remove expired entries from the list.
    bench.put(&key(4), &bench.owned(4, its)).await;
    bench.assert_listed(&its, &[key(1), key(2), key(4)]).await;
    bench.pass(harness, DAY * 2).await;
    bench.assert_listed(&its, &[key(1), key(2)]).await;
    let kick = bench.store.end_owned(EndOwnedParams::new(its, Reason::Kicked, KEEP));
    assert_eq!(well(kick.await), 2, "the number of ended records");
    bench.assert_ended(&key(1), Reason::Kicked).await;
    bench.assert_ended(&key(2), Reason::Kicked).await;
}
