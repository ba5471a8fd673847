//! How much a record may hold, and how much it needs.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{ErrorKind, Handle, Key, Kind, Load, Record, Store};
use tower_auth_test::TestClock;

use super::MemoryStore;
use crate::store::memory::shard::Slot;

fn key(number: u8) -> Key {
    Key::new(Kind::Session, Handle::new([number; 16]))
}

fn record(bytes: usize) -> Record {
    Record {
        owner: None,
        created: TestClock::START,
        last: TestClock::START,
        idle: Duration::MAX,
        absolute: Timestamp::MAX,
        meta: Bytes::from_static(b"meta"),
        data: vec![7; bytes - 4].into(),
        data_is_json: false,
    }
}

#[tokio::test]
async fn the_limit_is_the_one_that_was_set() {
    let store = MemoryStore::new(TestClock::new().clock());
    assert_eq!(store.limits().max_value, MemoryStore::MAX_VALUE);
    assert!(store.limits().lists && !store.limits().evicts);
    let tight = store.clone().max_value(8);
    assert_eq!(tight.limits().max_value, 8);
    assert!(tight.create(&key(1), &record(8)).await.is_ok());
    let error = tight.create(&key(2), &record(9)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // The other handle is a wider door to the same store.
    assert!(store.create(&key(2), &record(9)).await.is_ok());
    assert!(matches!(tight.load_now(&key(2)), Some(Load::Found(_))));
    // Lengths are kept in 32 bits.
    assert!(store.max_value(usize::MAX).limits().max_value < u32::MAX as usize);
}

/// With the key, in trees that are two thirds full, about 140 bytes a record.
#[test]
fn what_a_record_needs_beside_its_bytes_stays_small() {
    assert!(size_of::<Slot>() <= 80, "{} bytes", size_of::<Slot>());
}
