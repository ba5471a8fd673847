//! Futures that are dropped, at each of their awaits: the step is done or not done, never half.
//!
//! A dropped step may still be under way, and take effect later, once. So the first look may show
//! the state before it or after it. A later step that was acknowledged takes precedence.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Load, Record, RecordKinds, Store, Stored, Version,
    Write,
};

use super::fixture::{KEEP, SECOND, assert_same, name, nth, nth_owner, owner, well};
use super::{Fixture, Harness};

/// The number of times that each step is dropped at each of its awaits: a server's speed varies.
const ROUNDS: u32 = 8;
/// A step that is polled more often than half of this never completes.
const CUTS: u32 = 10_000;
/// The number of looks for the effect of a dropped step that is still under way.
const LOOKS: u32 = 20_000;

/// Runs a step up to `cut` and drops it. Returns its answer if it completed by then.
///
/// Cut 0 is before the first poll. Cut 1 is right after it, before any other task could run. Cut 2
/// is when what the step waits for has arrived and is not read yet. Cut 3 is right after the second
/// poll, and so on.
async fn partly<T>(cut: u32, step: impl Future<Output = T>) -> Option<T> {
    let mut step = pin!(step);
    let (polls, waits) = (cut.div_ceil(2), cut.is_multiple_of(2));
    let mut polled = 0;
    poll_fn(|cx| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        match step.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if polled == polls && !waits => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Runs `attempt` with each cut, until a step completes before its cut. The second argument differs
/// in each call.
async fn cut_by_cut(mut attempt: impl AsyncFnMut(u32, u32) -> bool) {
    let mut number = 0;
    for _ in 0..ROUNDS {
        for cut in 0.. {
            assert!(cut < CUTS, "the step is polled for ever");
            number += 1;
            if attempt(number, cut).await {
                break;
            }
        }
    }
}

fn assert_unchanged(stored: &Stored, version: Version, record: &Record) {
    assert_eq!(stored.version, version, "the version");
    assert_same(&stored.record, record);
}

/// Waits until the record is on its owner's list: the entry of a dropped step may appear a moment
/// after the record.
async fn is_listed<S: Store>(fixture: &Fixture<S>, key: &Key, record: &Record) {
    let Some(owner) = record.owner.filter(|_| fixture.lists()) else { return };
    for _ in 0..LOOKS {
        let listed = fixture.list(RecordKinds::All, &owner).await;
        if !listed.is_empty() {
            assert!(listed.iter().all(|entry| entry.key == *key), "another record is listed");
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the record is live and on no list");
}

/// A dropped creation has created the whole record, on its owner's list, or nothing. It takes no
/// key from a later creation.
pub async fn a_dropped_creation_is_done_or_not_done<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    // Without an owner, so that it adds nothing to the list for the other record.
    let anothers = fixture.record(2);
    let mut there = Vec::new();
    cut_by_cut(async |number, cut| {
        let (key, its) = (nth(number), fixture.owned(1, nth_owner(number)));
        let answer = partly(cut, fixture.store.create(&key, &its)).await.map(well);
        let seen = match fixture.load(&key).await {
            Load::Found(stored) => Some(stored.version),
            Load::Absent => None,
            Load::Ended { reason, .. } => panic!("ended without an end: {reason:?}"),
        };
        if let Some(answer) = answer {
            assert_eq!(seen.map(Write::Done), Some(answer), "the answer differs");
        }
        match fixture.create(&key, &anothers).await {
            Write::Done(version) if seen.is_none() => there.push((key, version, anothers.clone())),
            Write::Conflict => {
                let stored = fixture.found(&key).await;
                assert_unchanged(&stored, seen.unwrap_or(stored.version), &its);
                is_listed(&fixture, &key, &its).await;
                there.push((key, stored.version, its));
            }
            other => panic!("{other:?} from a creation after a dropped one"),
        }
        answer.is_some()
    })
    .await;
    for (key, version, record) in there {
        fixture.assert_holds(&key, version, &record).await;
    }
}

/// A dropped save has replaced the whole record, or nothing. If it set an owner, that owner's list
/// has the record. It does not overwrite a later save.
pub async fn a_dropped_save_is_done_or_not_done<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let old = fixture.record(1);
    let mut there = Vec::new();
    cut_by_cut(async |number, cut| {
        let (key, new) = (nth(number), fixture.owned(2, nth_owner(number)));
        let first = fixture.put(&key, &old).await;
        let answer = partly(cut, fixture.store.save(&key, first, &new)).await.map(well);
        let done = matches!(answer, Some(Write::Done(_)));
        assert!(done || answer.is_none(), "a save without a competitor failed");
        let mut seen = done;
        loop {
            let stored = fixture.found(&key).await;
            seen |= stored.version != first;
            let is = if seen { &new } else { &old };
            assert!(stored.version > first || !seen, "a version went back");
            assert_unchanged(&stored, stored.version, is);
            // Checked now: the next save might add the entry.
            is_listed(&fixture, &key, is).await;
            let last = Record { owner: is.owner, ..fixture.record(3) };
            match fixture.save(&key, stored.version, &last).await {
                Write::Done(version) => {
                    assert!(version > stored.version);
                    there.push((key, version, last));
                    return answer.is_some();
                }
                // The dropped save took effect in between.
                Write::Conflict if !seen => seen = true,
                other => panic!("{other:?} from a save after a dropped one"),
            }
        }
    })
    .await;
    for (key, version, record) in there {
        fixture.assert_holds(&key, version, &record).await;
    }
}

/// A dropped touch has moved the idle deadline, or changed nothing.
pub async fn a_dropped_touch_is_done_or_not_done<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    cut_by_cut(async |number, cut| {
        let key = nth(number);
        let old = fixture.record(1);
        let version = fixture.put(&key, &old).await;
        let touched = Record { last: old.last + SECOND, ..old.clone() };
        let answer = partly(cut, fixture.store.touch(&key, touched.last)).await.map(well);
        let stored = fixture.found(&key).await;
        let moved = answer.is_some() || stored.record.last != old.last;
        assert_unchanged(&stored, version, if moved { &touched } else { &old });
        // Neither an acknowledged touch nor a late dropped one moves the last use back.
        fixture.touch(&key, touched.last + SECOND).await;
        let last = Record { last: touched.last + SECOND, ..old };
        fixture.assert_holds(&key, version, &last).await;
        let saved = fixture.save(&key, version, &last).await;
        assert!(matches!(saved, Write::Done(_)), "a touch made a save fail");
        answer.is_some()
    })
    .await;
}

/// A dropped end has ended the record, with its reason, or left it unchanged. The record never just
/// vanishes.
pub async fn a_dropped_end_is_done_or_not_done<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let record = fixture.owned(1, owner(1));
    let mut ended = Vec::new();
    cut_by_cut(async |number, cut| {
        let key = nth(number);
        let version = fixture.put(&key, &record).await;
        let answer = partly(cut, fixture.store.end(&key, EndReason::Kicked, KEEP)).await.map(well);
        let seen = match fixture.load(&key).await {
            Load::Found(stored) if answer.is_none() => {
                assert_unchanged(&stored, version, &record);
                false
            }
            Load::Ended { reason: EndReason::Kicked, .. } => true,
            other => panic!("{} after a dropped end", name(&other)),
        };
        fixture.end(&key, EndReason::LoggedOut, KEEP).await;
        match fixture.load(&key).await {
            Load::Ended { reason: reason @ (EndReason::Kicked | EndReason::LoggedOut), .. } => {
                assert!(!seen || reason == EndReason::Kicked, "the first reason was replaced");
                ended.push((key, reason));
            }
            other => panic!("{} after its end", name(&other)),
        }
        answer.is_some()
    })
    .await;
    for (key, reason) in ended {
        fixture.assert_ended(&key, reason).await;
    }
    fixture.assert_listed(&owner(1), &[]).await;
}

/// A dropped end of all of an owner's records leaves each record ended or unchanged. Live records
/// are still listed, and the next call ends them.
pub async fn a_dropped_end_of_all_ends_each_or_leaves_it<H: Harness>(harness: &H) {
    const RECORDS: u32 = 4;
    let fixture = Fixture::new(harness).await;
    if !fixture.lists() {
        return;
    }
    let all = RecordKinds::All;
    cut_by_cut(async |number, cut| {
        // Another owner in each attempt: a dropped end may be carried out later, and would end the
        // records of the next attempt.
        let owner = nth_owner(number);
        let record = fixture.owned(1, owner);
        let end = || fixture.store.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, KEEP));
        let keys: Vec<_> = (0..RECORDS).map(|at| nth(number * RECORDS + at)).collect();
        for key in &keys {
            fixture.put(key, &record).await;
        }
        let answer = partly(cut, end()).await.map(well);
        assert!(answer.is_none_or(|ended| ended == RECORDS as usize), "ended records");
        // In this order: a record that is ended in between is only missed by the second look.
        let listed = fixture.list(all, &owner).await;
        for key in &keys {
            match fixture.load(key).await {
                Load::Found(stored) if answer.is_none() => {
                    assert_same(&stored.record, &record);
                    assert!(listed.iter().any(|it| it.key == *key), "a live record is not listed");
                }
                Load::Ended { reason: EndReason::Kicked, .. } => {}
                other => panic!("{} after a dropped end of all", name(&other)),
            }
        }
        well(end().await);
        for key in &keys {
            fixture.assert_ended(key, EndReason::Kicked).await;
        }
        fixture.assert_listed(&owner, &[]).await;
        answer.is_some()
    })
    .await;
}

/// A step after a dropped step receives its own answer, not that of the dropped one.
pub async fn each_step_after_a_dropped_one_gets_its_own_answer<H: Harness>(harness: &H) {
    let fixture = Fixture::new(harness).await;
    let mut there = Vec::new();
    for number in 0..4 {
        let record = fixture.owned(number, owner(number as u8));
        there.push((nth(number), fixture.put(&nth(number), &record).await, record));
    }
    let is_ones_own = async |number: u32| {
        // More than one: an unread answer may be queued behind the next.
        for at in [number, number + 1, number + 2] {
            let (key, version, record) = &there[at as usize % there.len()];
            fixture.assert_holds(key, *version, record).await;
            fixture.assert_absent(&nth(1000 + at)).await;
            if let Some(owner) = &record.owner {
                fixture.assert_listed(owner, &[*key]).await;
            }
        }
    };
    let key = |number: u32| &there[number as usize % there.len()].0;
    cut_by_cut(async |number, cut| {
        let answer = partly(cut, fixture.store.load(key(number + 1))).await;
        is_ones_own(number).await;
        answer.is_some()
    })
    .await;
    cut_by_cut(async |number, cut| {
        // A step whose answer has another form than that of a load.
        let late = Version::from_raw(1);
        let answer = partly(cut, fixture.store.save(key(number), late, &fixture.record(9))).await;
        is_ones_own(number).await;
        answer.is_some()
    })
    .await;
    if fixture.lists() {
        cut_by_cut(async |number, cut| {
            let owner = owner((number % 4) as u8);
            let answer = partly(cut, fixture.store.list(ListParams::new(owner, 9))).await;
            is_ones_own(number + 1).await;
            answer.is_some()
        })
        .await;
    }
}
