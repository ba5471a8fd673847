//! `list` and `end_owned`: lists an owner's records, and ends all of them.

use tower_auth_core::store::{
    Cursor, EndOwnedParams, EndReason, Key, ListParams, Owner, Record, RecordId, RecordKind,
    RecordKinds, Store, StoreErrorKind, Write,
};

use super::fixture::{
    IDLE, KEEP, MICROSECOND, SECOND, assert_error, assert_same, key, owner, well,
};
use super::{Fixture, Harness};

/// Returns a fixture whose store can list. If it cannot, asserts that it says so, and returns `None`.
async fn lister<H: Harness>(harness: &H) -> Option<Fixture<H::Store>> {
    let fixture = Fixture::new(harness).await;
    if fixture.lists() {
        return Some(fixture);
    }
    let owner = owner(1);
    let list = fixture.store.list(ListParams::new(owner, 10)).await;
    assert_error(list, StoreErrorKind::Unsupported);
    let end = fixture.store.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, KEEP)).await;
    assert_error(end, StoreErrorKind::Unsupported);
    None
}

async fn kick<S: Store>(
    fixture: &Fixture<S>,
    kinds: RecordKinds,
    owner: &Owner,
    except: Option<&RecordId>,
) -> usize {
    let params = EndOwnedParams::new(*owner, EndReason::Kicked, KEEP);
    well(fixture.store.end_owned(params.kinds(kinds).except(except.copied())).await)
}

/// The list of an owner without records is one empty page.
pub async fn the_list_of_an_unknown_owner_is_empty<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    fixture.put(&key(1), &fixture.record(1)).await;
    let page = well(fixture.store.list(ListParams::new(owner(1), 10)).await);
    assert!(page.entries.is_empty() && page.next.is_none());
    assert_eq!(kick(&fixture, RecordKinds::All, &owner(1), None).await, 0);
    fixture.found(&key(1)).await;
}

/// A list holds the records themselves, as a load would answer them.
pub async fn entries_are_what_a_load_answers<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    for number in 1..=5 {
        let version = fixture.put(&key(number), &fixture.owned(1, owner(1))).await;
        let saved =
            fixture.save(&key(number), version, &fixture.owned(number.into(), owner(1))).await;
        assert!(matches!(saved, Write::Done(_)));
    }
    fixture.time.advance(SECOND);
    fixture.touch(&key(3), fixture.time.now()).await;
    let entries = fixture.list(RecordKinds::All, &owner(1)).await;
    assert_eq!(entries.len(), 5);
    for entry in entries {
        let stored = fixture.found(&entry.key).await;
        assert_eq!(entry.stored.version, stored.version);
        assert_same(&entry.stored.record, &stored.record);
    }
}

/// The pages hold each record once, whatever the limit. No page is too long, and only the last has
/// no next page. A limit of zero still makes progress.
pub async fn pages_hold_each_record_once<H: Harness>(harness: &H) {
    const RECORDS: u8 = 23;
    let Some(fixture) = lister(harness).await else { return };
    let mut keys = Vec::new();
    for number in 0..RECORDS {
        let kind = RecordKind::ALL[usize::from(number) % RecordKind::ALL.len()];
        let key = Key::new(kind, RecordId::new([number.wrapping_mul(11); 16]));
        fixture.put(&key, &fixture.owned(1, owner(1))).await;
        fixture.put(&super::fixture::key(200 + number), &fixture.owned(1, owner(2))).await;
        keys.push(key);
    }
    keys.sort();
    for limit in 0..=usize::from(RECORDS) + 2 {
        let pages = fixture.pages(RecordKinds::All, &owner(1), limit).await;
        assert!(pages.iter().all(|page| page.entries.len() <= limit.max(1)), "limit {limit}");
        let mut listed: Vec<_> =
            pages.iter().flat_map(|page| &page.entries).map(|entry| entry.key).collect();
        listed.sort();
        assert!(listed == keys, "limit {limit}: {} of {} records", listed.len(), keys.len());
    }
    let whole = well(fixture.store.list(ListParams::new(owner(1), usize::MAX)).await);
    assert!(whole.entries.len() == keys.len() && whole.next.is_none(), "the page without a limit");
}

/// A list holds only the requested kinds.
pub async fn lists_are_of_the_kinds_asked_for<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    for kind in RecordKind::ALL {
        for number in 1..=kind as u8 {
            let key = Key::new(kind, RecordId::new([number; 16]));
            fixture.put(&key, &fixture.owned(1, owner(1))).await;
        }
    }
    for kind in RecordKind::ALL {
        for limit in [1, 2, 100] {
            let pages = fixture.pages(RecordKinds::Only(kind), &owner(1), limit).await;
            let entries: Vec<_> = pages.into_iter().flat_map(|page| page.entries).collect();
            assert!(entries.iter().all(|entry| entry.key.kind == kind), "{kind:?}");
            assert_eq!(entries.len(), kind as usize, "{kind:?}, limit {limit}");
        }
    }
    assert_eq!(fixture.list(RecordKinds::All, &owner(1)).await.len(), 21);
}

/// A record that vanishes between two pages shifts no other record off or onto a page.
pub async fn what_comes_and_goes_shifts_no_page<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    for limit in [1, 2, 3, 5] {
        let all: Vec<_> = (1..=20).map(key).collect();
        for key in &all {
            fixture.put(key, &fixture.owned(1, owner(1))).await;
        }
        let first = well(fixture.store.list(ListParams::new(owner(1), limit)).await);
        // The records of the first page are removed, and others are created at any place in the
        // order.
        for entry in &first.entries {
            fixture.end(&entry.key, EndReason::Kicked, MICROSECOND).await;
        }
        for number in [0, 60, 255] {
            fixture.put(&key(number), &fixture.owned(1, owner(1))).await;
        }
        let mut seen: Vec<_> = first.entries.iter().map(|entry| entry.key).collect();
        let mut next = first.next;
        while let Some(cursor) = next {
            let page = well(
                fixture.store.list(ListParams::new(owner(1), limit).cursor(cursor.clone())).await,
            );
            seen.extend(page.entries.iter().map(|entry| entry.key));
            next = page.next;
            assert!(seen.len() <= 23, "the pages never end");
        }
        for key in &all {
            let times = seen.iter().filter(|it| *it == key).count();
            assert_eq!(times, 1, "limit {limit}: a steady record was on {times} pages");
        }
        for number in 0..=255 {
            fixture.end(&key(number), EndReason::Kicked, MICROSECOND).await;
        }
        fixture.time.advance(MICROSECOND);
    }
}

/// A cursor that is not from this store does no harm: no panic, and no other owner's records.
pub async fn a_strange_cursor_does_no_harm<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    fixture.put(&key(1), &fixture.owned(1, owner(1))).await;
    fixture.put(&key(2), &fixture.owned(1, owner(2))).await;
    let strange: [&'static [u8]; 6] =
        [b"", b"x", &[0; 17], &[0xff; 17], &[0xff; 64], b"'; drop table records; --"];
    for cursor in strange {
        let cursor = Cursor(bytes::Bytes::from_static(cursor));
        if let Ok(page) =
            fixture.store.list(ListParams::new(owner(1), 10).cursor(cursor.clone())).await
        {
            let mut entries = page.entries.iter();
            assert!(entries.all(|entry| entry.stored.record.owner == Some(owner(1))));
        }
    }
}

/// All of an owner's records are ended, with a tombstone each, and counted. Other owners' records
/// stay.
pub async fn all_of_an_owner_is_ended<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    for number in 1..=100 {
        fixture.put(&key(number), &fixture.owned(1, owner(1))).await;
    }
    fixture.put(&key(200), &fixture.owned(1, owner(2))).await;
    fixture.put(&key(201), &fixture.record(1)).await;
    assert_eq!(kick(&fixture, RecordKinds::All, &owner(1), None).await, 100);
    for number in 1..=100 {
        fixture.assert_ended(&key(number), EndReason::Kicked).await;
        let again = fixture.create(&key(number), &fixture.owned(1, owner(1))).await;
        assert_eq!(again, Write::Ended(EndReason::Kicked));
    }
    fixture.found(&key(200)).await;
    fixture.found(&key(201)).await;
    fixture.assert_listed(&owner(1), &[]).await;
    assert_eq!(
        kick(&fixture, RecordKinds::All, &owner(1), None).await,
        0,
        "a record was ended twice"
    );
    fixture.time.advance(KEEP - MICROSECOND);
    fixture.assert_ended(&key(1), EndReason::Kicked).await;
    fixture.time.advance(MICROSECOND);
    fixture.assert_absent(&key(1)).await;
}

/// The excepted record stays; the others are ended.
pub async fn the_exception_stays<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    let record = fixture.owned(1, owner(1));
    let version = fixture.put(&key(1), &record).await;
    for number in 2..=10 {
        fixture.put(&key(number), &record).await;
    }
    let except = key(1).id;
    assert_eq!(kick(&fixture, RecordKinds::All, &owner(1), Some(&except)).await, 9);
    fixture.assert_holds(&key(1), version, &record).await;
    fixture.assert_listed(&owner(1), &[key(1)]).await;
    for number in 2..=10 {
        fixture.assert_ended(&key(number), EndReason::Kicked).await;
    }
    // An exception that is not among the owner's records protects no record.
    let stranger = RecordId::new([99; 16]);
    assert_eq!(kick(&fixture, RecordKinds::All, &owner(1), Some(&stranger)).await, 1);
    fixture.assert_ended(&key(1), EndReason::Kicked).await;
}

/// Only the requested kinds are ended.
pub async fn only_the_kinds_asked_for_are_ended<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    let keys = RecordKind::ALL.map(|kind| Key::new(kind, RecordId::new([1; 16])));
    for key in &keys {
        fixture.put(key, &fixture.owned(1, owner(1))).await;
    }
    for (at, kind) in RecordKind::ALL.into_iter().enumerate() {
        assert_eq!(kick(&fixture, RecordKinds::Only(kind), &owner(1), None).await, 1);
        fixture.assert_ended(&keys[at], EndReason::Kicked).await;
        fixture.assert_listed(&owner(1), &keys[at + 1..]).await;
    }
}

/// A record that received its owner by a save is ended with the others.
pub async fn what_a_save_made_an_owners_is_ended_too<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    let version = fixture.put(&key(1), &fixture.record(1)).await;
    let saved = fixture.save(&key(1), version, &fixture.owned(2, owner(1))).await;
    assert!(matches!(saved, Write::Done(_)));
    assert_eq!(kick(&fixture, RecordKinds::All, &owner(1), None).await, 1);
    fixture.assert_ended(&key(1), EndReason::Kicked).await;
}

/// A record that was touched or saved stays listed beyond the deadline with which it was created.
pub async fn what_lives_on_stays_listed<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    let record = fixture.owned(1, owner(1));
    fixture.put(&key(1), &record).await;
    let version = fixture.put(&key(2), &record).await;
    fixture.put(&key(3), &record).await;
    fixture.time.advance(IDLE - MICROSECOND);
    fixture.touch(&key(1), fixture.time.now()).await;
    let longer = Record { idle: IDLE * 2, ..record };
    assert!(matches!(fixture.save(&key(2), version, &longer).await, Write::Done(_)));
    fixture.time.advance(MICROSECOND);
    fixture.assert_listed(&owner(1), &[key(1), key(2)]).await;
    fixture.time.advance(IDLE - MICROSECOND);
    fixture.assert_listed(&owner(1), &[key(2)]).await;
    assert_eq!(kick(&fixture, RecordKinds::All, &owner(1), None).await, 1);
    fixture.assert_ended(&key(2), EndReason::Kicked).await;
}

/// A key that another owner uses again is on the new owner's list alone, and once.
pub async fn a_key_used_again_is_the_new_owners<H: Harness>(harness: &H) {
    let Some(fixture) = lister(harness).await else { return };
    for (its, other) in [(1, 2), (2, 1), (1, 2)] {
        fixture.put(&key(1), &fixture.owned(1, owner(its))).await;
        fixture.assert_listed(&owner(its), &[key(1)]).await;
        fixture.assert_listed(&owner(other), &[]).await;
        assert_eq!(kick(&fixture, RecordKinds::All, &owner(other), None).await, 0);
        fixture.end(&key(1), EndReason::Replaced, KEEP).await;
        fixture.assert_listed(&owner(its), &[]).await;
        fixture.time.advance(KEEP);
    }
}
