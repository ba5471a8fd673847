//! Tests of the size limit of a record, and of its memory use.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    Key, Load, Owner, Record, RecordId, RecordKind, Store, StoreErrorKind, Write,
};
use tower_auth_test::TestClock;

use super::MemoryStore;
use crate::store::memory::table::ENTRY;

fn key(number: u8) -> Key {
    Key::new(RecordKind::Session, RecordId::new([number; 16]))
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
    assert_eq!(error.kind(), StoreErrorKind::TooLarge);
    // The other id is the same store with a higher limit.
    assert!(store.create(&key(2), &record(9)).await.is_ok());
    assert!(matches!(tight.load_now(&key(2)), Some(Load::Found(_))));
    // Lengths are stored in 32 bits.
    assert!(store.max_value(usize::MAX).limits().max_value < u32::MAX as usize);
}

/// The size includes the key. The hash and the mark lie in the padding.
#[test]
fn what_a_record_needs_beside_its_bytes_stays_small() {
    const { assert!(ENTRY <= 104) };
}

/// Values with lengths around the sizes of the blocks are returned unchanged, and shared by two
/// loads.
#[tokio::test]
async fn values_of_all_lengths_come_back() {
    let store = MemoryStore::new(TestClock::new().clock());
    for len in 0..=600_usize {
        let bytes: Vec<u8> = (0..len).map(|it| it as u8).collect();
        let id = RecordId::new((len as u128).to_be_bytes());
        for owner in [None, Some(Owner::new([9; 32]))] {
            let meta = Bytes::copy_from_slice(&bytes[..len / 3]);
            let data = Bytes::copy_from_slice(&bytes[len / 3..]);
            let written = Record { owner, meta, data, ..record(4) };
            let kind = if owner.is_some() { RecordKind::Session } else { RecordKind::Token };
            let key = Key::new(kind, id);
            assert!(matches!(store.create(&key, &written).await, Ok(Write::Done(_))));
            let [first, second] = [0, 1].map(|_| match store.load_now(&key) {
                Some(Load::Found(stored)) => stored.record,
                _ => panic!("it is gone"),
            });
            for record in [&first, &second] {
                assert!(record.owner == owner, "{len} bytes");
                assert!(record.meta == written.meta && record.data == written.data, "{len} bytes");
            }
            assert!(len < 2 || first.data.as_ptr() == second.data.as_ptr(), "{len} bytes: copied");
        }
    }
}
