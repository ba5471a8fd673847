//! `create`: only if the key is free.

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndReason, Record, Write};

use super::fixture::{ABSOLUTE, IDLE, KEEP, MICROSECOND, key, owner};
use super::{Fixture, Harness};

/// A creation under a free key succeeds, and a load finds the record with the answered version.
pub async fn a_free_key_is_taken<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let record = fixture.record(1);
    let version = fixture.put(&key(1), &record).await;
    assert!(version.get() >= fixture.time.now().as_unix_micros(), "a version before the moment");
    fixture.assert_holds(&key(1), version, &record).await;
    fixture.assert_absent(&key(2)).await;
}

/// A record is loaded as it was written: every field, to the microsecond, whatever its bytes.
pub async fn a_record_comes_back_as_it_was<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let now = fixture.time.now();
    let every_byte = Bytes::from_iter(0..=255);
    let usual = Record {
        created: now + MICROSECOND * 1_234_567,
        last: now + MICROSECOND * 2_345_678,
        idle: IDLE + MICROSECOND * 345_679,
        absolute: now + ABSOLUTE + MICROSECOND,
        ..fixture.owned(1, owner(1))
    };
    let bytes = |meta: &Bytes, data: &Bytes| Record {
        meta: meta.clone(),
        data: data.clone(),
        data_is_json: false,
        ..fixture.record(0)
    };
    let records = [
        bytes(&every_byte, &Bytes::new()),
        bytes(&Bytes::new(), &every_byte),
        bytes(&every_byte, &every_byte),
        bytes(&Bytes::new(), &Bytes::new()),
        Record { owner: None, ..usual.clone() },
        // A store that normalizes JSON changes this text.
        Record { data: Bytes::from_static(b"{ \"b\":1.0,\"a\":\"\\u00e9\" }"), ..usual.clone() },
        Record { data_is_json: false, ..usual.clone() },
        Record { absolute: Timestamp::MAX, ..usual.clone() },
        usual,
    ];
    for (number, record) in (1..).zip(&records) {
        let version = fixture.put(&key(number), record).await;
        fixture.assert_holds(&key(number), version, record).await;
    }
}

/// A creation under the key of a live record is a conflict and changes nothing.
pub async fn a_taken_key_is_a_conflict<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let record = fixture.owned(1, owner(1));
    let version = fixture.put(&key(1), &record).await;
    for other in [fixture.record(2), fixture.owned(3, owner(2))] {
        assert_eq!(fixture.create(&key(1), &other).await, Write::Conflict);
        fixture.assert_holds(&key(1), version, &record).await;
    }
    fixture.assert_listed(&owner(1), &[key(1)]).await;
    fixture.assert_listed(&owner(2), &[]).await;
}

/// An expired record does not occupy its key, and leaves nothing to the next record.
pub async fn an_expired_record_frees_its_key<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let first = fixture.put(&key(1), &fixture.owned(1, owner(1))).await;
    fixture.time.advance(IDLE);
    let record = fixture.owned(2, owner(2));
    let second = fixture.put(&key(1), &record).await;
    assert!(second > first, "versions grow");
    fixture.assert_holds(&key(1), second, &record).await;
    fixture.assert_listed(&owner(1), &[]).await;
    fixture.assert_listed(&owner(2), &[key(1)]).await;
}

/// No creation replaces a tombstone, whatever its reason. Nothing is changed.
pub async fn a_tombstone_is_not_overwritten<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for (number, reason) in (1..).zip(EndReason::ALL) {
        fixture.put(&key(number), &fixture.record(1)).await;
        fixture.end(&key(number), reason, KEEP).await;
        let again = fixture.create(&key(number), &fixture.owned(2, owner(1))).await;
        assert_eq!(again, Write::Ended(reason));
        fixture.assert_ended(&key(number), reason).await;
    }
    fixture.assert_listed(&owner(1), &[]).await;
}

/// A tombstone frees its key exactly when it expires, not before.
pub async fn a_tombstone_that_is_over_frees_its_key<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    fixture.end(&key(1), EndReason::Revoked, KEEP).await;
    fixture.time.advance(KEEP - MICROSECOND);
    let early = fixture.create(&key(1), &fixture.record(1)).await;
    assert_eq!(early, Write::Ended(EndReason::Revoked));
    fixture.time.advance(MICROSECOND);
    let record = fixture.record(2);
    let version = fixture.put(&key(1), &record).await;
    fixture.assert_holds(&key(1), version, &record).await;
}

/// A record created with an owner is on the owner's list as soon as the creation is answered.
pub async fn a_created_record_is_listed_at_once<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let mut keys = Vec::new();
    for number in 1..=20 {
        keys.push(key(number));
        fixture.put(&key(number), &fixture.owned(1, owner(1))).await;
        fixture.put(&key(100 + number), &fixture.record(1)).await;
        fixture.assert_listed(&owner(1), &keys).await;
    }
}

/// A record whose deadline is past when it is created is never visible.
pub async fn a_record_born_expired_is_never_seen<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let now = fixture.time.now();
    let records = [
        Record { absolute: now, ..fixture.owned(1, owner(1)) },
        Record { idle: std::time::Duration::ZERO, ..fixture.owned(2, owner(1)) },
    ];
    for (number, record) in (1..).zip(&records) {
        let _ = fixture.create(&key(number), record).await;
        fixture.assert_absent(&key(number)).await;
    }
    fixture.assert_listed(&owner(1), &[]).await;
}
