//! `save`: only over the version that was read, and never a creation.

use bytes::Bytes;
use tower_auth_core::store::{EndReason, Record, Version, Write};

use super::fixture::{ABSOLUTE, IDLE, KEEP, MICROSECOND, SECOND, done, key, owner};
use super::{Fixture, Harness};

/// A save with the current version replaces every field that a save may change.
pub async fn the_expected_version_is_replaced<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let first = fixture.put(&key(1), &fixture.record(1)).await;
    fixture.time.advance(SECOND);
    let record = Record {
        created: fixture.time.now(),
        last: fixture.time.now(),
        idle: IDLE * 2,
        absolute: fixture.time.now() + ABSOLUTE * 2,
        meta: Bytes::from_static(b"another secret"),
        data: Bytes::from_static(b"\xff no JSON"),
        data_is_json: false,
        ..fixture.record(2)
    };
    let second = done(fixture.save(&key(1), first, &record).await);
    assert!(second > first, "a save did not increase the version");
    let created = fixture.time.now().since(crate::TestClock::START);
    assert_eq!(created, SECOND);
    fixture
        .assert_holds(&key(1), second, &Record { created: crate::TestClock::START, ..record })
        .await;
    // The new deadlines apply.
    fixture.time.advance(IDLE * 2 - MICROSECOND);
    fixture.found(&key(1)).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
}

/// A save with any other version, older or newer, is a conflict and changes nothing.
pub async fn another_version_is_a_conflict<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let first = fixture.put(&key(1), &fixture.record(1)).await;
    let record = fixture.record(2);
    let second = done(fixture.save(&key(1), first, &record).await);
    for raw in [0, 1, first.get(), second.get() - 1, second.get() + 1, i64::MAX as u64, u64::MAX] {
        let expected = Version::from_raw(raw);
        if expected == second {
            continue;
        }
        let answer = fixture.save(&key(1), expected, &fixture.owned(3, owner(1))).await;
        assert_eq!(answer, Write::Conflict, "{raw} instead of {}", second.get());
        fixture.assert_holds(&key(1), second, &record).await;
    }
    fixture.assert_listed(&owner(1), &[]).await;
}

/// A save without a live record is a conflict and creates nothing, whether one existed before or
/// not.
pub async fn a_save_never_creates<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let version = fixture.put(&key(1), &fixture.owned(1, owner(1))).await;
    fixture.time.advance(IDLE);
    let fresh = fixture.owned(2, owner(1));
    // The record as it was, with a later deadline: the write of a delayed save.
    assert_eq!(fixture.save(&key(1), version, &fresh).await, Write::Conflict, "expired");
    fixture.assert_absent(&key(1)).await;
    for raw in [0, version.get()] {
        let answer = fixture.save(&key(2), Version::from_raw(raw), &fresh).await;
        assert_eq!(answer, Write::Conflict, "never there");
        fixture.assert_absent(&key(2)).await;
    }
    fixture.assert_listed(&owner(1), &[]).await;
    // The keys are free, not taken.
    fixture.put(&key(1), &fresh).await;
    fixture.put(&key(2), &fresh).await;
}

/// A save of an ended record answers that it was ended, and the reason. The record does not return.
pub async fn a_save_does_not_revive<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    for (number, reason) in (1..).zip(EndReason::ALL) {
        let version = fixture.put(&key(number), &fixture.owned(1, owner(1))).await;
        fixture.end(&key(number), reason, KEEP).await;
        let answer = fixture.save(&key(number), version, &fixture.owned(2, owner(1))).await;
        assert_eq!(answer, Write::Ended(reason));
        fixture.assert_ended(&key(number), reason).await;
        let answer = fixture.save(&key(number), Version::from_raw(1), &fixture.record(2)).await;
        assert_eq!(answer, Write::Ended(reason), "a save over an ended record");
    }
    fixture.assert_listed(&owner(1), &[]).await;
}

/// A save sets an owner if there was none. The record is listed when the save is answered.
pub async fn a_save_may_set_the_owner_once<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let first = fixture.put(&key(1), &fixture.record(1)).await;
    fixture.assert_listed(&owner(1), &[]).await;
    let record = fixture.owned(2, owner(1));
    let second = done(fixture.save(&key(1), first, &record).await);
    fixture.assert_holds(&key(1), second, &record).await;
    fixture.assert_listed(&owner(1), &[key(1)]).await;
}

/// A save never changes or removes an owner.
pub async fn a_save_never_changes_the_owner<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let mut version = fixture.put(&key(1), &fixture.owned(1, owner(1))).await;
    let others = [Some(owner(2)), None, Some(owner(3)), Some(owner(1))];
    for (number, other) in (2..).zip(others) {
        let record = Record { owner: other, ..fixture.record(number) };
        version = done(fixture.save(&key(1), version, &record).await);
        let kept = Record { owner: Some(owner(1)), ..record };
        fixture.assert_holds(&key(1), version, &kept).await;
        fixture.assert_listed(&owner(1), &[key(1)]).await;
        fixture.assert_listed(&owner(2), &[]).await;
        fixture.assert_listed(&owner(3), &[]).await;
    }
}

/// The creation time does not change, and the last use never moves back.
pub async fn a_save_keeps_created_and_never_moves_last_back<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let start = fixture.time.now();
    let version = fixture.put(&key(1), &fixture.record(1)).await;
    fixture.time.advance(SECOND * 10);
    fixture.touch(&key(1), start + SECOND * 10).await;
    // Written by a caller that read the record before the touch.
    let late = Record { created: start + SECOND * 5, last: start + SECOND, ..fixture.record(2) };
    let version = done(fixture.save(&key(1), version, &late).await);
    let stored = fixture.found(&key(1)).await;
    assert_eq!(stored.record.created, start, "created");
    assert_eq!(stored.record.last, start + SECOND * 10, "last");
    let early = Record { created: start, last: start + SECOND * 11, ..fixture.record(3) };
    done(fixture.save(&key(1), version, &early).await);
    assert_eq!(fixture.found(&key(1)).await.record.last, start + SECOND * 11, "last, forward");
}

/// A save of one record leaves every other record as it was.
pub async fn a_save_is_of_one_record<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let others: Vec<_> = (2..40).collect();
    let record = fixture.owned(1, owner(1));
    let version = fixture.put(&key(1), &record).await;
    let mut versions = Vec::new();
    for other in &others {
        versions.push(fixture.put(&key(*other), &record).await);
    }
    done(fixture.save(&key(1), version, &fixture.owned(2, owner(1))).await);
    for (other, version) in others.iter().zip(versions) {
        fixture.assert_holds(&key(*other), version, &record).await;
    }
}

/// A save may also shorten either deadline.
pub async fn a_save_may_bring_the_end_nearer<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let first = fixture.record(1);
    let idle = Record { idle: IDLE / 3, ..first.clone() };
    let absolute = Record { absolute: fixture.time.now() + IDLE / 3, ..first.clone() };
    for (number, nearer) in (1..).zip([idle, absolute]) {
        let version = fixture.put(&key(number), &first).await;
        done(fixture.save(&key(number), version, &nearer).await);
    }
    fixture.time.advance(IDLE / 3 - MICROSECOND);
    fixture.found(&key(1)).await;
    fixture.found(&key(2)).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
    fixture.assert_absent(&key(2)).await;
}

/// A delayed save for a record that is gone does not change its successor under the same key.
pub async fn a_save_is_not_of_the_successor<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let gone = fixture.put(&key(1), &fixture.record(1)).await;
    fixture.time.advance(IDLE);
    let record = fixture.owned(2, owner(2));
    let version = fixture.put(&key(1), &record).await;
    let late = fixture.save(&key(1), gone, &fixture.owned(3, owner(1))).await;
    assert_eq!(late, Write::Conflict);
    fixture.assert_holds(&key(1), version, &record).await;
    fixture.assert_listed(&owner(1), &[]).await;
}

/// A save after the absolute deadline is a conflict, however much the record was used and whatever
/// deadlines the save contains. One microsecond before, the save is done.
pub async fn a_save_past_the_absolute_deadline_is_refused<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let absolute = fixture.time.now() + ABSOLUTE;
    let used = Record { idle: ABSOLUTE * 4, absolute, ..fixture.owned(1, owner(1)) };
    let mut versions = Vec::new();
    for number in 1..=3 {
        versions.push(fixture.put(&key(number), &used).await);
    }
    fixture.time.advance(ABSOLUTE - MICROSECOND);
    done(fixture.save(&key(3), versions[2], &used).await);
    fixture.time.advance(MICROSECOND);
    let moment = fixture.time.now();
    let renewed = Record { absolute: moment + ABSOLUTE, ..fixture.owned(2, owner(1)) };
    fixture.touch(&key(1), moment).await;
    assert_eq!(fixture.save(&key(1), versions[0], &used).await, Write::Conflict);
    assert_eq!(fixture.save(&key(1), versions[0], &renewed).await, Write::Conflict);
    fixture.time.advance(SECOND);
    assert_eq!(fixture.save(&key(2), versions[1], &renewed).await, Write::Conflict);
    for number in 1..=3 {
        fixture.assert_absent(&key(number)).await;
    }
    fixture.assert_listed(&owner(1), &[]).await;
    // The keys are free, not taken.
    for number in 1..=3 {
        fixture.put(&key(number), &fixture.record(3)).await;
    }
}
