//! `save`: only over the version that was read, and never a creation.

use bytes::Bytes;
use tower_auth_core::store::{Reason, Record, Version, Write};

use super::bench::{ABSOLUTE, IDLE, KEEP, MICROSECOND, SECOND, done, key, owner};
use super::{Bench, Harness};

/// A save with the current version replaces every field that a save may change.
pub async fn the_expected_version_is_replaced<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let first = bench.put(&key(1), &bench.record(1)).await;
    bench.time.advance(SECOND);
    let record = Record {
        created: bench.time.now(),
        last: bench.time.now(),
        idle: IDLE * 2,
        absolute: bench.time.now() + ABSOLUTE * 2,
        meta: Bytes::from_static(b"another secret"),
        data: Bytes::from_static(b"\xff no JSON"),
        data_is_json: false,
        ..bench.record(2)
    };
    let second = done(bench.save(&key(1), first, &record).await);
    assert!(second > first, "a save did not increase the version");
    let created = bench.time.now().since(crate::TestClock::START);
    assert_eq!(created, SECOND);
    bench
        .assert_holds(&key(1), second, &Record { created: crate::TestClock::START, ..record })
        .await;
    // The new deadlines apply.
    bench.time.advance(IDLE * 2 - MICROSECOND);
    bench.found(&key(1)).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(1)).await;
}

/// A save with any other version, older or newer, is a conflict and changes nothing.
pub async fn another_version_is_a_conflict<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let first = bench.put(&key(1), &bench.record(1)).await;
    let record = bench.record(2);
    let second = done(bench.save(&key(1), first, &record).await);
    for raw in [0, 1, first.get(), second.get() - 1, second.get() + 1, i64::MAX as u64, u64::MAX] {
        let expected = Version::from_raw(raw);
        if expected == second {
            continue;
        }
        let answer = bench.save(&key(1), expected, &bench.owned(3, owner(1))).await;
        assert_eq!(answer, Write::Conflict, "{raw} instead of {}", second.get());
        bench.assert_holds(&key(1), second, &record).await;
    }
    bench.assert_listed(&owner(1), &[]).await;
}

/// A save without a live record is a conflict and creates nothing, whether one existed before or
/// not.
pub async fn a_save_never_creates<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let version = bench.put(&key(1), &bench.owned(1, owner(1))).await;
    bench.time.advance(IDLE);
    let fresh = bench.owned(2, owner(1));
    // The record as it was, with a later deadline: the write of a delayed save.
    assert_eq!(bench.save(&key(1), version, &fresh).await, Write::Conflict, "expired");
    bench.assert_absent(&key(1)).await;
    for raw in [0, version.get()] {
        let answer = bench.save(&key(2), Version::from_raw(raw), &fresh).await;
        assert_eq!(answer, Write::Conflict, "never there");
        bench.assert_absent(&key(2)).await;
    }
    bench.assert_listed(&owner(1), &[]).await;
    // The keys are free, not taken.
    bench.put(&key(1), &fresh).await;
    bench.put(&key(2), &fresh).await;
}

/// A save of an ended record answers that it was ended, and the reason. The record does not return.
pub async fn a_save_does_not_revive<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    for (number, reason) in (1..).zip(Reason::ALL) {
        let version = bench.put(&key(number), &bench.owned(1, owner(1))).await;
        bench.end(&key(number), reason, KEEP).await;
        let answer = bench.save(&key(number), version, &bench.owned(2, owner(1))).await;
        assert_eq!(answer, Write::Ended(reason));
        bench.assert_ended(&key(number), reason).await;
        let answer = bench.save(&key(number), Version::from_raw(1), &bench.record(2)).await;
        assert_eq!(answer, Write::Ended(reason), "a save over an ended record");
    }
    bench.assert_listed(&owner(1), &[]).await;
}

/// A save sets an owner if there was none. The record is listed when the save is answered.
pub async fn a_save_may_set_the_owner_once<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let first = bench.put(&key(1), &bench.record(1)).await;
    bench.assert_listed(&owner(1), &[]).await;
    let record = bench.owned(2, owner(1));
    let second = done(bench.save(&key(1), first, &record).await);
    bench.assert_holds(&key(1), second, &record).await;
    bench.assert_listed(&owner(1), &[key(1)]).await;
}

/// A save never changes or removes an owner.
pub async fn a_save_never_changes_the_owner<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let mut version = bench.put(&key(1), &bench.owned(1, owner(1))).await;
    let others = [Some(owner(2)), None, Some(owner(3)), Some(owner(1))];
    for (number, other) in (2..).zip(others) {
        let record = Record { owner: other, ..bench.record(number) };
        version = done(bench.save(&key(1), version, &record).await);
        let kept = Record { owner: Some(owner(1)), ..record };
        bench.assert_holds(&key(1), version, &kept).await;
        bench.assert_listed(&owner(1), &[key(1)]).await;
        bench.assert_listed(&owner(2), &[]).await;
        bench.assert_listed(&owner(3), &[]).await;
    }
}

/// The creation time does not change, and the last use never moves back.
pub async fn a_save_keeps_created_and_never_moves_last_back<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let start = bench.time.now();
    let version = bench.put(&key(1), &bench.record(1)).await;
    bench.time.advance(SECOND * 10);
    bench.touch(&key(1), start + SECOND * 10).await;
    // Written by a caller that read the record before the touch.
    let late = Record { created: start + SECOND * 5, last: start + SECOND, ..bench.record(2) };
    let version = done(bench.save(&key(1), version, &late).await);
    let stored = bench.found(&key(1)).await;
    assert_eq!(stored.record.created, start, "created");
    assert_eq!(stored.record.last, start + SECOND * 10, "last");
    let early = Record { created: start, last: start + SECOND * 11, ..bench.record(3) };
    done(bench.save(&key(1), version, &early).await);
    assert_eq!(bench.found(&key(1)).await.record.last, start + SECOND * 11, "last, forward");
}

/// A save of one record leaves every other record as it was.
pub async fn a_save_is_of_one_record<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let others: Vec<_> = (2..40).collect();
    let record = bench.owned(1, owner(1));
    let version = bench.put(&key(1), &record).await;
    let mut versions = Vec::new();
    for other in &others {
        versions.push(bench.put(&key(*other), &record).await);
    }
    done(bench.save(&key(1), version, &bench.owned(2, owner(1))).await);
    for (other, version) in others.iter().zip(versions) {
        bench.assert_holds(&key(*other), version, &record).await;
    }
}

/// A save may also shorten either deadline.
pub async fn a_save_may_bring_the_end_nearer<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let first = bench.record(1);
    let idle = Record { idle: IDLE / 3, ..first.clone() };
    let absolute = Record { absolute: bench.time.now() + IDLE / 3, ..first.clone() };
    for (number, nearer) in (1..).zip([idle, absolute]) {
        let version = bench.put(&key(number), &first).await;
        done(bench.save(&key(number), version, &nearer).await);
    }
    bench.time.advance(IDLE / 3 - MICROSECOND);
    bench.found(&key(1)).await;
    bench.found(&key(2)).await;
    bench.time.advance(MICROSECOND);
    bench.assert_absent(&key(1)).await;
    bench.assert_absent(&key(2)).await;
}

/// A delayed save for a record that is gone does not change its successor under the same key.
pub async fn a_save_is_not_of_the_successor<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let gone = bench.put(&key(1), &bench.record(1)).await;
    bench.time.advance(IDLE);
    let record = bench.owned(2, owner(2));
    let version = bench.put(&key(1), &record).await;
    let late = bench.save(&key(1), gone, &bench.owned(3, owner(1))).await;
    assert_eq!(late, Write::Conflict);
    bench.assert_holds(&key(1), version, &record).await;
    bench.assert_listed(&owner(1), &[]).await;
}

/// A save after the absolute deadline is a conflict, however much the record was used and whatever
/// deadlines the save contains. One microsecond before, the save is done.
pub async fn a_save_past_the_absolute_deadline_is_refused<H: Harness>(harness: &H) {
    let bench = Bench::new(harness).await;
    let absolute = bench.time.now() + ABSOLUTE;
    let used = Record { idle: ABSOLUTE * 4, absolute, ..bench.owned(1, owner(1)) };
    let mut versions = Vec::new();
    for number in 1..=3 {
        versions.push(bench.put(&key(number), &used).await);
    }
    bench.time.advance(ABSOLUTE - MICROSECOND);
    done(bench.save(&key(3), versions[2], &used).await);
    bench.time.advance(MICROSECOND);
    let moment = bench.time.now();
    let renewed = Record { absolute: moment + ABSOLUTE, ..bench.owned(2, owner(1)) };
    bench.touch(&key(1), moment).await;
    assert_eq!(bench.save(&key(1), versions[0], &used).await, Write::Conflict);
    assert_eq!(bench.save(&key(1), versions[0], &renewed).await, Write::Conflict);
    bench.time.advance(SECOND);
    assert_eq!(bench.save(&key(2), versions[1], &renewed).await, Write::Conflict);
    for number in 1..=3 {
        bench.assert_absent(&key(number)).await;
    }
    bench.assert_listed(&owner(1), &[]).await;
    // The keys are free, not taken.
    for number in 1..=3 {
        bench.put(&key(number), &bench.record(3)).await;
    }
}
