//! Tests of the release of expired records' memory, a little with every write.

use std::collections::BTreeSet;
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::store::{
    EndReason, Key, Load, Owner, Record, RecordId, RecordKind, RecordKinds, Store,
};
use tower_auth_test::TestClock;

use super::MemoryStore;
use crate::store::memory::expiry::SWEEP;
use crate::store::memory::lock::lock;

const IDLE: Duration = Duration::from_secs(60);

fn key(number: u32) -> Key {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Key::new(RecordKind::Session, RecordId::new(bytes))
}

fn record(time: &TestClock) -> Record {
    Record {
        owner: Some(Owner::new([1; 32])),
        created: time.now(),
        last: time.now(),
        idle: IDLE,
        absolute: time.now() + IDLE,
        meta: Bytes::new(),
        data: Bytes::new(),
        data_is_json: false,
    }
}

/// Returns the keys in memory, expired or not.
fn keys(store: &MemoryStore) -> BTreeSet<Key> {
    let shards = store.inner.shards.iter();
    shards.flat_map(|shard| lock(shard).table.keys().collect::<Vec<_>>()).collect()
}

/// Returns the number of the owner's entries in the index, expired or not.
fn indexed(store: &MemoryStore) -> usize {
    store.inner.owners.after(&Owner::new([1; 32]), RecordKinds::All, None, usize::MAX).len()
}

async fn filled(time: &TestClock, records: u32) -> MemoryStore {
    let store = MemoryStore::new(time.clock());
    for number in 0..records {
        if number % 4 == 0 {
            store.end(&key(number), EndReason::Kicked, IDLE).await.unwrap();
        } else {
            let _ = store.create(&key(number), &record(time)).await.unwrap();
        }
    }
    store
}

/// No step of any kind drops more than a few records, even if 2,000 expire together.
#[tokio::test]
async fn d30_a_step_drops_no_more_than_a_few() {
    let time = TestClock::new();
    let store = filled(&time, 2_000).await;
    assert_eq!(keys(&store).len(), 2_000);
    time.advance(IDLE);

    let mut dropped = Vec::new();
    let mut before = keys(&store);
    for number in 0..100 {
        let key = key(if number % 2 == 0 { number } else { 10_000 + number });
        match number % 5 {
            0 => drop(store.create(&key, &record(&time)).await.unwrap()),
            1 => drop(store.load(&key).await.unwrap()),
            2 => store.touch(&key, time.now()).await.unwrap(),
            3 => store.end(&key, EndReason::Kicked, IDLE).await.unwrap(),
            _ => drop(store.load_now(&key)),
        }
        let after = keys(&store);
        dropped.push(before.difference(&after).count());
        before = after;
    }
    let most = dropped.iter().max().copied().unwrap_or_default();
    assert!(most <= SWEEP + 1, "{most} at once");
    assert!(most > 1, "the sweep must drop some records");
}

/// Expired records, tombstones and index entries do not stay forever while steps keep arriving,
/// even if no step asks for them. Nothing else is dropped.
#[tokio::test]
async fn d30_nothing_stays_for_ever() {
    let time = TestClock::new();
    let store = filled(&time, 4_000).await;
    time.advance(IDLE / 2);
    for number in 4_000..4_100 {
        let _ = store.create(&key(number), &record(&time)).await.unwrap();
    }
    time.advance(IDLE / 2);
    // Steps on other keys; about forty of them reach each shard.
    for number in 10_000..50_000 {
        store.touch(&key(number), time.now()).await.unwrap();
    }
    assert!(keys(&store) == (4_000..4_100).map(key).collect(), "{} stay", keys(&store).len());
    assert_eq!(indexed(&store), 100);
}

/// Expired records remain a fraction of the live ones if records are created and expire at a steady
/// pace. This also holds if keys only grow, so that each new record falls behind the sweep's
/// position.
#[tokio::test]
async fn d30_what_is_over_stays_less_than_what_lives() {
    let time = TestClock::new();
    let store = MemoryStore::new(time.clock());
    // 10,000 records are live at a time.
    let pace = IDLE / 10_000;
    for number in 0..40_000 {
        let _ = store.create(&key(number), &record(&time)).await.unwrap();
        time.advance(pace);
    }
    let there = keys(&store).len();
    assert!(there < 20_000, "{there} records in memory for 10,000 live ones");
    assert_eq!(indexed(&store), there);
}

/// A load drops an expired record, and so does a creation under the same key. The index entry is
/// dropped with it.
#[tokio::test]
async fn d30_an_expired_record_goes_with_its_index_entry() {
    let time = TestClock::new();
    let store = MemoryStore::new(time.clock());
    for number in 0..2 {
        let _ = store.create(&key(number), &record(&time)).await.unwrap();
    }
    assert_eq!(indexed(&store), 2);
    time.advance(IDLE);
    assert!(matches!(store.load_now(&key(0)), Some(Load::Absent)));
    let other = Record { owner: Some(Owner::new([2; 32])), ..record(&time) };
    let _ = store.create(&key(1), &other).await.unwrap();
    assert_eq!(indexed(&store), 0);
    assert_eq!(keys(&store).len(), 1);
}
