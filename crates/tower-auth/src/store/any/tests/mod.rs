//! Tests of `AnyStore`: one box, and a time limit.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::event::{Event, EventKind};
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Owner, Record, RecordId, RecordKind, Store,
    StoreErrorKind, Version,
};
use tower_auth_core::timer::Sleep;
use tower_auth_core::{Clock, Events, Timer};
use tower_auth_test::{FaultyStore, ModelStore, TestClock, store_conformance};

use super::AnyStore;
use crate::{MemoryStore, NearCache};

mod limits;

store_conformance!(erased, |clock: Clock| AnyStore::new(ModelStore::new(clock)));
store_conformance!(erased_with_a_timer, |clock: Clock| {
    AnyStore::new(ModelStore::new(clock)).timer(TestClock::new())
});

const SECOND: Duration = Duration::from_secs(1);
const ALICE: Owner = Owner::new([1; 32]);

fn key() -> Key {
    Key::new(RecordKind::Session, RecordId::new([1; 16]))
}

fn record(time: &TestClock) -> Record {
    Record {
        owner: Some(ALICE),
        created: time.now(),
        last: time.now(),
        idle: 3600 * SECOND,
        absolute: time.now() + 7200 * SECOND,
        meta: Bytes::new(),
        data: Bytes::from_static(b"{}"),
        data_is_json: true,
    }
}

type Faulty = FaultyStore<ModelStore>;

fn faulty() -> (TestClock, Faulty) {
    let time = TestClock::new();
    let store = FaultyStore::new(ModelStore::new(time.clock()));
    (time, store)
}

#[test]
fn an_any_store_is_taken_as_it_is_with_its_settings() {
    let time = TestClock::new();
    let store = AnyStore::new(MemoryStore::new(time.clock())).step_timeout(9 * SECOND);
    let again = AnyStore::new(AnyStore::new(store.clone()));
    assert!(Arc::ptr_eq(&store.store, &again.store));
    assert_eq!(again.limits().patience, 9 * SECOND);
}

/// An application that chooses its store at start uses it for two layers and a cache.
#[tokio::test]
async fn an_any_store_goes_wherever_a_store_goes() {
    let time = TestClock::new();
    let store = AnyStore::new(MemoryStore::new(time.clock()));
    let near = NearCache::builder(store.clone()).bounded_staleness(SECOND).build().unwrap();
    let near = AnyStore::new(near);
    let created = Store::create(&near, &key(), &record(&time)).await;
    assert!(created.is_ok());
    assert!(near.load_now(&key()).is_some(), "the cache answers from memory, through the box");
    assert!(store.load_now(&key()).is_some());
}
