//! Clean-up removes expired records and tombstones, and nothing else.

use tower_auth_core::store::{Reason, Record};

use super::bench::{DAY, IDLE, KEEP, SECOND, done, key, nth, nth_owner, owner};
use super::{Bench, Harness};

/// A clean-up removes nothing that is live: no record that a touch or a save has kept alive, no
/// entry of its owner's list, and no tombstone before its time.
pub async fn a_clean_up_leaves_what_lives<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let start = bench.time.now();
    let lasting = Record { absolute: start + DAY * 30, ..bench.owned(1, owner(1)) };
    let unused = Record { idle: DAY * 30, ..lasting.clone() };
    let version = bench.put(&key(1), &unused).await;
    bench.put(&key(2), &lasting).await;
    let mut saved = bench.put(&key(3), &lasting).await;
    bench.end(&key(4), Reason::Revoked, DAY * 20).await;
    bench.put(&key(5), &lasting).await;
    bench.end(&key(5), Reason::Kicked, DAY * 20).await;
    for number in 0..8 {
        bench.pass(harness, IDLE - SECOND).await;
        let now = bench.time.now();
        bench.touch(&key(2), now).await;
        let used = Record { last: now, ..lasting.clone() };
        saved = done(bench.save(&key(3), saved, &used).await);
        if number == 0 {
            // The list is written when most of its records have another deadline.
            bench.put(&key(6), &bench.owned(6, owner(1))).await;
        }
    }
    bench.pass(harness, IDLE - SECOND).await;
    bench.assert_holds(&key(1), version, &unused).await;
    bench.found(&key(2)).await;
    bench.found(&key(3)).await;
    bench.assert_listed(&owner(1), &[key(1), key(2), key(3)]).await;
    bench.pass(harness, DAY * 10).await;
    bench.assert_holds(&key(1), version, &unused).await;
    bench.assert_listed(&owner(1), &[key(1)]).await;
    for number in [2, 3, 6] {
        bench.assert_absent(&key(number)).await;
    }
    bench.assert_ended(&key(4), Reason::Revoked).await;
    bench.assert_ended(&key(5), Reason::Kicked).await;
}

/// A record that is created, or a tombstone that is left, under a key that is being cleaned up
/// stays, no matter how far the clean-up has progressed.
pub async fn a_clean_up_spares_what_was_renewed_meanwhile<H: Harness>(harness: &H) {
    const KEYS: u32 = 32;
    const ROUNDS: u32 = 4;
    let bench = Bench::new(harness).await;
    for number in 0..KEYS {
        bench.put(&nth(number), &bench.owned(0, nth_owner(number))).await;
    }
    for round in 1..=ROUNDS {
        bench.time.advance(DAY);
        let renew = async {
            let mut versions = Vec::new();
            for number in 0..KEYS {
                if number % 4 == 3 {
                    bench.end(&nth(number), Reason::Kicked, KEEP).await;
                    versions.push(None);
                } else {
                    let fresh = bench.owned(round, nth_owner(number));
                    versions.push(Some(bench.put(&nth(number), &fresh).await));
                }
            }
            versions
        };
        let cleaning = harness.clean_up(&bench.store, std::time::Duration::ZERO);
        let ((), versions) = tokio::join!(cleaning, renew);
        for (number, version) in (0..).zip(versions) {
            let Some(version) = version else {
                bench.assert_ended(&nth(number), Reason::Kicked).await;
                continue;
            };
            let fresh = bench.owned(round, nth_owner(number));
            bench.assert_holds(&nth(number), version, &fresh).await;
            bench.assert_listed(&nth_owner(number), &[nth(number)]).await;
        }
    }
}
