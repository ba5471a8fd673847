//! Tests of locking: a step waits only for steps on the same shard.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Load, Owner, Record, RecordId, RecordKind, Store,
    Write,
};
use tower_auth_test::TestClock;

use super::MemoryStore;

fn key(number: u8) -> Key {
    Key::new(RecordKind::Session, RecordId::new([number; 16]))
}

fn record(data: &'static [u8]) -> Record {
    Record {
        owner: Some(Owner::new([1; 32])),
        created: TestClock::START,
        last: TestClock::START,
        idle: Duration::MAX,
        absolute: Timestamp::MAX,
        meta: Bytes::new(),
        data: Bytes::from_static(data),
        data_is_json: false,
    }
}

/// Returns a key in another shard than key 0.
fn elsewhere(store: &MemoryStore) -> Key {
    let shard = |key: &Key| std::ptr::from_ref(&*store.inner.shard(store.inner.at(key)));
    let first = shard(&key(0));
    let Some(other) = (1..=u8::MAX).map(key).find(|key| shard(key) != first) else {
        panic!("255 keys in one shard of 1,024");
    };
    other
}

/// All steps on other shards complete while a shard is locked for the whole test.
#[tokio::test]
#[allow(clippy::await_holding_lock, reason = "the test shows that no other step waits")]
async fn d30_no_step_takes_a_lock_of_all() {
    let store = MemoryStore::new(TestClock::new().clock());
    let (owner, other) = (Owner::new([1; 32]), elsewhere(&store));
    let inside = store.inner.shard(store.inner.at(&key(0)));
    let Ok(Write::Done(version)) = store.create(&other, &record(b"a")).await else {
        panic!("it was free");
    };
    assert!(matches!(store.save(&other, version, &record(b"b")).await, Ok(Write::Done(_))));
    store.touch(&other, TestClock::START).await.unwrap();
    assert!(matches!(store.load_now(&other), Some(Load::Found(_))));
    let page = store.list(ListParams::new(owner, 10)).await.unwrap();
    assert_eq!(page.entries.len(), 1);
    let ended = store.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, Duration::MAX));
    assert_eq!(ended.await.unwrap(), 1);
    drop(inside);
}

/// A panic within a shard leaves it usable.
#[tokio::test]
async fn a_panic_elsewhere_fails_no_step() {
    let store = MemoryStore::new(TestClock::new().clock());
    let _ = store.create(&key(0), &record(b"a")).await.unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _inside = store.inner.shard(store.inner.at(&key(0)));
        panic!("on purpose");
    }));
    assert!(panic.is_err());
    let Some(Load::Found(stored)) = store.load_now(&key(0)) else { panic!("it is gone") };
    let saved = store.save(&key(0), stored.version, &record(b"b")).await;
    assert!(matches!(saved, Ok(Write::Done(_))));
}

/// The store refuses the second of two writers that read the same version, and nothing is lost,
/// even if they change different values.
#[tokio::test]
async fn d03_the_second_of_two_writers_is_told() {
    let store = MemoryStore::new(TestClock::new().clock());
    let Ok(Write::Done(read)) = store.create(&key(0), &record(b"")).await else { panic!() };
    assert!(matches!(store.save(&key(0), read, &record(b"a")).await, Ok(Write::Done(_))));
    assert_eq!(store.save(&key(0), read, &record(b"b")).await.ok(), Some(Write::Conflict));
    let Some(Load::Found(stored)) = store.load_now(&key(0)) else { panic!("it is gone") };
    assert!(stored.record.data == b"a"[..]);
}

/// A write in flight does not undo a logout, even long after it.
#[tokio::test]
async fn d03_a_write_in_flight_does_not_undo_a_logout() {
    let time = TestClock::new();
    let store = MemoryStore::new(time.clock());
    let Ok(Write::Done(read)) = store.create(&key(0), &record(b"")).await else { panic!() };
    store.end(&key(0), EndReason::LoggedOut, Duration::from_secs(60)).await.unwrap();
    let late = store.save(&key(0), read, &record(b"a")).await;
    assert_eq!(late.ok(), Some(Write::Ended(EndReason::LoggedOut)));
    time.advance(Duration::from_secs(60));
    let later = store.save(&key(0), read, &record(b"a")).await;
    assert_eq!(later.ok(), Some(Write::Conflict));
    assert!(matches!(store.load_now(&key(0)), Some(Load::Absent)));
}

/// A record does not keep the buffer alive that it was cut from. Loads share the copy that the
/// store made once.
#[tokio::test]
async fn d30_a_load_copies_nothing_and_keeps_no_foreign_buffer() {
    let store = MemoryStore::new(TestClock::new().clock());
    let request = Bytes::from(vec![7; 4096]);
    let _ = store.create(&key(0), &Record { data: request.slice(..16), ..record(b"") }).await;
    assert!(request.is_unique(), "the store keeps the request's buffer alive");
    let [first, second] = [0, 1].map(|_| match store.load_now(&key(0)) {
        Some(Load::Found(stored)) => stored.record.data,
        _ => panic!("it is gone"),
    });
    assert_eq!(first.as_ptr(), second.as_ptr(), "one load copied");
}
