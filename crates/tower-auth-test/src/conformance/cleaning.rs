//! Clean-up removes expired records and tombstones, and nothing else.

use tower_auth_core::store::{EndReason, Record};

use super::fixture::{DAY, IDLE, KEEP, SECOND, done, key, nth, nth_owner, owner};
use super::{Fixture, Harness};

/// A clean-up removes nothing that is live: no record that a touch or a save has kept alive, no
/// entry of its owner's list, and no tombstone before its time.
pub async fn a_clean_up_leaves_what_lives<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let start = fixture.time.now();
    let lasting = Record { absolute: start + DAY * 30, ..fixture.owned(1, owner(1)) };
    let unused = Record { idle: DAY * 30, ..lasting.clone() };
    let version = fixture.put(&key(1), &unused).await;
    fixture.put(&key(2), &lasting).await;
    let mut saved = fixture.put(&key(3), &lasting).await;
    fixture.end(&key(4), EndReason::Revoked, DAY * 20).await;
    fixture.put(&key(5), &lasting).await;
    fixture.end(&key(5), EndReason::Kicked, DAY * 20).await;
    for number in 0..8 {
        fixture.pass(harness, IDLE - SECOND).await;
        let now = fixture.time.now();
        fixture.touch(&key(2), now).await;
        let used = Record { last: now, ..lasting.clone() };
        saved = done(fixture.save(&key(3), saved, &used).await);
        if number == 0 {
            // The list is written when most of its records have another deadline.
            fixture.put(&key(6), &fixture.owned(6, owner(1))).await;
        }
    }
    fixture.pass(harness, IDLE - SECOND).await;
    fixture.assert_holds(&key(1), version, &unused).await;
    fixture.found(&key(2)).await;
    fixture.found(&key(3)).await;
    fixture.assert_listed(&owner(1), &[key(1), key(2), key(3)]).await;
    fixture.pass(harness, DAY * 10).await;
    fixture.assert_holds(&key(1), version, &unused).await;
    fixture.assert_listed(&owner(1), &[key(1)]).await;
    for number in [2, 3, 6] {
        fixture.assert_absent(&key(number)).await;
    }
    fixture.assert_ended(&key(4), EndReason::Revoked).await;
    fixture.assert_ended(&key(5), EndReason::Kicked).await;
}

/// A record that is created, or a tombstone that is left, under a key that is being cleaned up
/// stays, no matter how far the clean-up has progressed.
pub async fn a_clean_up_spares_what_was_renewed_meanwhile<H: Harness>(harness: &H) {
    const KEYS: u32 = 32;
    const ROUNDS: u32 = 4;
    let fixture = Fixture::new(harness).await;
    for number in 0..KEYS {
        fixture.put(&nth(number), &fixture.owned(0, nth_owner(number))).await;
    }
    for round in 1..=ROUNDS {
        fixture.time.advance(DAY);
        let renew = async {
            let mut versions = Vec::new();
            for number in 0..KEYS {
                if number % 4 == 3 {
                    fixture.end(&nth(number), EndReason::Kicked, KEEP).await;
                    versions.push(None);
                } else {
                    let fresh = fixture.owned(round, nth_owner(number));
                    versions.push(Some(fixture.put(&nth(number), &fresh).await));
                }
            }
            versions
        };
        let cleaning = harness.clean_up(&fixture.store, std::time::Duration::ZERO);
        let ((), versions) = tokio::join!(cleaning, renew);
        for (number, version) in (0..).zip(versions) {
            let Some(version) = version else {
                fixture.assert_ended(&nth(number), EndReason::Kicked).await;
                continue;
            };
            let fresh = fixture.owned(round, nth_owner(number));
            fixture.assert_holds(&nth(number), version, &fresh).await;
            fixture.assert_listed(&nth_owner(number), &[nth(number)]).await;
        }
    }
}
