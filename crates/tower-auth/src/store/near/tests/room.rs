//! Tests of the cache's size.

use super::*;

fn large(now: Timestamp, bytes: usize) -> Record {
    Record { data: vec![7; bytes].into(), ..record(now, "") }
}

fn key_of(number: u32) -> Key {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_le_bytes());
    Key::new(RecordKind::Session, RecordId::new(id))
}

#[tokio::test]
async fn the_entries_take_no_more_than_they_may() {
    let time = TestClock::new();
    let near = NearCache::builder(ModelStore::new(time.clock()))
        .bounded_staleness(MINUTE)
        .clock(time.clock())
        .max_bytes(1 << 20)
        .build()
        .unwrap();
    let size = 2000;
    for number in 0..3000 {
        let _ = near.create(&key_of(number), &large(time.now(), size)).await.unwrap();
        assert!(near.near.entries.weight() <= 1 << 20);
    }
    let kept = (0..3000).filter(|number| near.load_now(&key_of(*number)).is_some()).count();
    // Nearly all of the space is used, and each entry is charged for more than its value.
    assert!(kept * (size + 4) < 1 << 20, "{kept} entries");
    assert!(kept * (size + 1000) > (1 << 20) * 9 / 10, "{kept} entries");
}

#[tokio::test]
async fn what_is_used_stays() {
    let time = TestClock::new();
    let near = NearCache::builder(ModelStore::new(time.clock()))
        .bounded_staleness(MINUTE)
        .clock(time.clock())
        .max_bytes(1 << 20)
        .build()
        .unwrap();
    let _ = near.create(&key_of(0), &large(time.now(), 2000)).await.unwrap();
    for number in 1..3000 {
        assert!(near.load_now(&key_of(0)).is_some(), "after {number} others");
        let _ = near.create(&key_of(number), &large(time.now(), 2000)).await.unwrap();
    }
}

#[tokio::test]
async fn a_record_too_large_to_keep_is_read_through() {
    let time = TestClock::new();
    let store = crate::MemoryStore::new(time.clock()).max_value(4 << 20);
    let near = NearCache::builder(hits_first(FeedingStore::new(store)))
        .bounded_staleness(MINUTE)
        .clock(time.clock())
        .max_bytes(1 << 20)
        .build()
        .unwrap();
    let _ = near.create(&key(1), &large(time.now(), 2 << 20)).await.unwrap();
    assert!(near.near.entries.weight() <= 1 << 20);
    assert!(near.load_now(&key(1)).is_none());
    assert!(
        matches!(near.load(&key(1)).await, Ok(Load::Found(it)) if it.record.data.len() == 2 << 20)
    );
}

/// An entry must not keep the buffer alive that it was cut from.
#[tokio::test]
async fn an_entry_is_a_copy() {
    let time = TestClock::new();
    let near = NearCache::builder(ModelStore::new(time.clock()))
        .bounded_staleness(MINUTE)
        .clock(time.clock())
        .build()
        .unwrap();
    let buffer = Bytes::from(vec![1; 1 << 20]);
    let cut = Record { data: buffer.slice(..16), ..record(time.now(), "") };
    let _ = near.create(&key(1), &cut).await.unwrap();
    let Some(Load::Found(stored)) = near.load_now(&key(1)) else { panic!() };
    assert!(stored.record.data == buffer[..16]);
    assert!(stored.record.data.as_ptr() != buffer.as_ptr());
}
