//! Tests that long steps yield to other tasks.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Owner, Record, RecordId, RecordKind, Store,
};
use tower_auth_test::TestClock;

use super::MemoryStore;
use crate::store::memory::LOT;

const OWNER: Owner = Owner::new([1; 32]);

/// Returns a store with `records` records of one owner.
async fn filled(records: usize) -> MemoryStore {
    let store = MemoryStore::new(TestClock::new().clock());
    let record = Record {
        owner: Some(OWNER),
        created: TestClock::START,
        last: TestClock::START,
        idle: Duration::MAX,
        absolute: Timestamp::MAX,
        meta: Bytes::new(),
        data: Bytes::new(),
        data_is_json: false,
    };
    for number in 0..records {
        let key = Key::new(RecordKind::Session, RecordId::new((number as u128).to_be_bytes()));
        let _ = store.create(&key, &record).await.unwrap();
    }
    store
}

async fn listed(store: &MemoryStore) -> usize {
    store.list(ListParams::new(OWNER, usize::MAX)).await.unwrap().entries.len()
}

/// A step that is dropped midway leaves the records that it has ended as ended. The others are live
/// and listed.
#[tokio::test]
async fn d30_ending_many_is_done_in_turns() {
    let store = filled(3 * LOT + 1).await;
    let mut cx = Context::from_waker(Waker::noop());
    {
        let mut ending =
            pin!(store.end_owned(EndOwnedParams::new(OWNER, EndReason::Kicked, Duration::MAX)));
        assert!(ending.as_mut().poll(&mut cx).is_pending());
        assert!(ending.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(listed(&store).await, LOT + 1);
    let rest = store.end_owned(EndOwnedParams::new(OWNER, EndReason::Kicked, Duration::MAX));
    assert_eq!(rest.await.unwrap(), LOT + 1);
    assert_eq!(listed(&store).await, 0);
}

#[tokio::test]
async fn d30_listing_many_is_done_in_turns() {
    let store = filled(2 * LOT).await;
    let mut cx = Context::from_waker(Waker::noop());
    let mut all = pin!(store.list(ListParams::new(OWNER, usize::MAX)));
    assert!(all.as_mut().poll(&mut cx).is_pending());
    assert_eq!(listed(&store).await, 2 * LOT);
    // A page that fits into one turn needs only one.
    assert!(pin!(store.list(ListParams::new(OWNER, LOT / 2))).poll(&mut cx).is_ready());
}
