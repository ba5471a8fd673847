//! Tests with a server that is down, paused, evicting, restarted or full. The store never returns a
//! wrong record.

use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Load, Owner, Record, RecordId, RecordKind, Store,
    StoreError, StoreErrorKind, Version, Write,
};
use tower_auth_fixtures::server::Memcached;
use tower_auth_memcached::{MemcachedConfigError, MemcachedStore, MemcachedStoreBuilder};
use tower_auth_test::TestClock;

use super::address;

const IDLE: Duration = Duration::from_secs(600);
/// The time limit for finding the server again, on a machine under load.
const PATIENCE: Duration = Duration::from_secs(60);

fn key(number: u16) -> Key {
    let mut id = [7; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    Key::new(RecordKind::Session, RecordId::new(id))
}

fn record(now: Timestamp, data: impl Into<Bytes>) -> Record {
    Record {
        owner: Some(Owner::new([1; 32])),
        created: now,
        last: now,
        idle: IDLE,
        absolute: now + IDLE * 6,
        meta: Bytes::from_static(b"meta"),
        data: data.into(),
        data_is_json: false,
    }
}

/// Data larger than any other value on the server, and different for each `number`.
fn large(number: u16, len: usize) -> Bytes {
    let mut data = vec![b'.'; len];
    data[..2].copy_from_slice(&number.to_be_bytes());
    data.into()
}

/// A store whose timeout suits a machine under load.
fn store(server: &Memcached, time: &TestClock) -> MemcachedStore {
    builder(server, time).build().expect("an address")
}

fn builder(server: &Memcached, time: &TestClock) -> MemcachedStoreBuilder {
    MemcachedStore::builder(&address(server), time.clock()).timeout(PATIENCE)
}

async fn put(store: &MemcachedStore, key: &Key, record: &Record) -> Version {
    match store.create(key, record).await {
        Ok(Write::Done(version)) => version,
        other => panic!("expected a creation, got {other:?}"),
    }
}

fn assert_unavailable<T>(answer: Result<T, StoreError>) {
    match answer {
        Ok(_) => panic!("expected a failure"),
        Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable),
    }
}

async fn assert_away(store: &MemcachedStore, time: &TestClock) {
    assert_unavailable(store.load(&key(1)).await);
    assert_unavailable(store.create(&key(9), &record(time.now(), "")).await);
    assert_unavailable(store.save(&key(1), Version::from_raw(1), &record(time.now(), "")).await);
    assert_unavailable(store.touch(&key(1), time.now()).await);
    assert_unavailable(store.end(&key(9), EndReason::Kicked, IDLE).await);
}

/// Loads the key until the server answers.
async fn until_there(store: &MemcachedStore, key: &Key) -> Load {
    let again = async {
        loop {
            match store.load(key).await {
                Ok(answer) => return answer,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, again).await.expect("it is found again")
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_connections_of_the_pool_are_no_ones_failure() {
    let (mut server, time) = (Memcached::start(), TestClock::new());
    let store = Arc::new(store(&server, &time));
    let mut loads = JoinSet::new();
    for number in 0..64 {
        let store = store.clone();
        loads.spawn(async move { store.load(&key(number)).await.map(drop) });
    }
    assert!(loads.join_all().await.iter().all(Result::is_ok));
    server.restart();
    for number in 0..64 {
        put(&store, &key(number), &record(time.now(), "")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_server_is_unavailable_and_found_again() {
    let (server, time) = (Memcached::start(), TestClock::new());
    let store = builder(&server, &time).timeout(Duration::from_millis(200)).build().unwrap();
    let mut version = None;
    while version.is_none() {
        version = match store.create(&key(1), &record(time.now(), "old")).await {
            Ok(Write::Done(version)) => Some(version),
            _ => match until_there(&store, &key(1)).await {
                Load::Found(stored) => Some(stored.version),
                _ => None,
            },
        };
    }
    server.pause();
    // The server's threads stop one after the other.
    while store.load(&key(1)).await.is_ok() {}
    assert_away(&store, &time).await;
    let late = store.save(&key(1), version.unwrap(), &record(time.now(), "new")).await;
    assert_unavailable(late);
    server.resume();
    let Load::Found(stored) = until_there(&store, &key(1)).await else {
        panic!("the record is gone")
    };
    assert!(stored.record.data == "old" || stored.record.data == "new");
}

/// A record that the server evicts is absent, and no save restores it.
#[tokio::test]
async fn what_was_evicted_is_absent_and_stays_so() {
    let (server, time) = (Memcached::with(&["-m", "4"]), TestClock::new());
    let store = store(&server, &time);
    assert!(store.limits().evicts && !store.limits().lists);
    let version = put(&store, &key(1000), &record(time.now(), large(1000, 50_000))).await;
    let ended = put(&store, &key(1001), &record(time.now(), large(1001, 50_000))).await;
    store.end(&key(1001), EndReason::LoggedOut, IDLE).await.unwrap();
    for number in 0..400 {
        put(&store, &key(number), &record(time.now(), large(number, 50_000))).await;
    }
    let mut left = 0;
    for number in 0..400 {
        match store.load(&key(number)).await.unwrap() {
            Load::Found(stored) => {
                assert!(stored.record.data == large(number, 50_000), "its own");
                left += 1;
            }
            Load::Absent => {}
            Load::Ended { reason, .. } => panic!("unexpected end: {reason:?}"),
        }
    }
    assert!((1..400).contains(&left), "{left} records are left: nothing was evicted");
    assert!(matches!(store.load(&key(1000)).await, Ok(Load::Absent)));
    let late = store.save(&key(1000), version, &record(time.now(), "late")).await;
    assert_eq!(late.unwrap(), Write::Conflict);
    assert!(matches!(store.load(&key(1000)).await, Ok(Load::Absent)));
    // No save succeeds, whether the tombstone is still there or was evicted.
    let late = store.save(&key(1001), ended, &record(time.now(), "late")).await.unwrap();
    assert!(matches!(late, Write::Ended(_) | Write::Conflict));
    assert!(!matches!(store.load(&key(1001)).await, Ok(Load::Found(_))));
}

/// A write fails if the server must not evict. It leaves the old record or none.
#[tokio::test]
async fn a_full_server_is_unavailable() {
    let (server, time) = (Memcached::with(&["-m", "4", "-M"]), TestClock::new());
    let store = store(&server, &time);
    let old = record(time.now(), "old");
    let version = put(&store, &key(1000), &old).await;
    let mut full = false;
    for number in 0..400 {
        match store.create(&key(number), &record(time.now(), large(number, 50_000))).await {
            Ok(write) => assert!(matches!(write, Write::Done(_))),
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                full = true;
                break;
            }
        }
    }
    assert!(full, "it was never full");
    assert_unavailable(
        store.save(&key(1000), version, &record(time.now(), large(1, 50_000))).await,
    );
    match store.load(&key(1000)).await.unwrap() {
        Load::Found(stored) => assert!(stored.record == old),
        Load::Absent => {}
        Load::Ended { reason, .. } => panic!("unexpected end: {reason:?}"),
    }
}

#[tokio::test]
async fn a_server_that_takes_less_says_too_large() {
    let (server, time) =
        (Memcached::with(&["-I", "64k", "-o", "slab_chunk_max=16384"]), TestClock::new());
    let store = store(&server, &time);
    let version = put(&store, &key(1), &record(time.now(), "")).await;
    let large = record(time.now(), large(1, 500_000));
    for answer in [store.create(&key(2), &large).await, store.save(&key(1), version, &large).await]
    {
        assert_eq!(answer.unwrap_err().kind(), StoreErrorKind::TooLarge);
    }
    assert!(matches!(store.load(&key(2)).await, Ok(Load::Absent)));
    // The old record may be gone: some servers drop it when they refuse the new value.
    match store.load(&key(1)).await.unwrap() {
        Load::Found(stored) => assert_eq!(stored.version, version),
        Load::Absent => {}
        Load::Ended { reason, .. } => panic!("unexpected end: {reason:?}"),
    }
}

/// Two writers would not notice each other without change numbers.
#[tokio::test]
async fn a_server_that_numbers_no_changes_is_refused() {
    let (server, time) = (Memcached::with(&["-C"]), TestClock::new());
    let store = store(&server, &time);
    let _ = store.create(&key(1), &record(time.now(), "")).await;
    assert_unavailable(store.load(&key(1)).await);
    let version = Version::first(time.now());
    assert_unavailable(store.save(&key(1), version, &record(time.now(), "")).await);
}

/// A foreign value under a key of the store is not a record, and is not overwritten.
#[tokio::test]
async fn what_is_no_record_is_left_alone() {
    let (server, time) = (Memcached::start(), TestClock::new());
    let mut raw = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let name = format!("tower-auth:{}", key(1));
    let mut say = |text: String| {
        raw.write_all(text.as_bytes()).unwrap();
        let mut answer = [0; 256];
        let len = raw.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..len]).into_owned()
    };
    for (len, value) in [(0, ""), (1, "x"), (7, "a value")] {
        assert_eq!(say(format!("set {name} 0 0 {len}\r\n{value}\r\n")), "STORED\r\n");
        let (store, record) = (store(&server, &time), record(time.now(), ""));
        assert_unavailable(store.load(&key(1)).await);
        assert_unavailable(store.create(&key(1), &record).await);
        assert_unavailable(store.save(&key(1), Version::from_raw(1), &record).await);
        assert_unavailable(store.end(&key(1), EndReason::Kicked, IDLE).await);
        assert!(say(format!("get {name}\r\n")).contains(&format!("\r\n{value}\r\n")));
    }
}

#[tokio::test]
async fn two_prefixes_are_two_stores() {
    let (server, time) = (Memcached::start(), TestClock::new());
    let with = |prefix| builder(&server, &time).key_prefix(prefix).build().unwrap();
    put(&with("a:"), &key(1), &record(time.now(), "1")).await;
    put(&with("b:"), &key(1), &record(time.now(), "2")).await;
    assert!(matches!(with("a:").load(&key(1)).await, Ok(Load::Found(it)) if it.record.data == "1"));
}

#[tokio::test]
async fn what_it_cannot_do_it_says() {
    let (server, time) = (Memcached::start(), TestClock::new());
    let (store, owner) = (store(&server, &time), Owner::new([1; 32]));
    assert!(!store.limits().lists);
    let list = store.list(ListParams::new(owner, 9)).await;
    assert_eq!(list.map(drop).unwrap_err().kind(), StoreErrorKind::Unsupported);
    let all = store.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, IDLE)).await;
    assert_eq!(all.unwrap_err().kind(), StoreErrorKind::Unsupported);
}

#[test]
fn what_is_no_address_or_prefix_is_refused() {
    let clock = || TestClock::new().clock();
    for (address, error, says) in [
        ("", MemcachedConfigError::Address, "memcached://host:port"),
        ("localhost:11211", MemcachedConfigError::Address, "memcached://host:port"),
        ("http://localhost", MemcachedConfigError::Address, "memcached://host:port"),
        ("memcached://", MemcachedConfigError::Address, "memcached://host:port"),
        ("unix://", MemcachedConfigError::Address, "unix:///path"),
        ("memcached://::1", MemcachedConfigError::Brackets, "memcached://[::1]:11211"),
        ("memcached://fd00::7:11211", MemcachedConfigError::Brackets, "memcached://[::1]:11211"),
        ("memcached://localhost:0", MemcachedConfigError::Port, "1 to 65535"),
        ("memcached://[::1]:0", MemcachedConfigError::Port, "1 to 65535"),
    ] {
        let refused = MemcachedStore::new(address, clock()).expect_err(address);
        assert_eq!(refused, error, "{address}");
        assert!(refused.to_string().contains(says), "{address}: {refused}");
    }
    for prefix in ["a b", "a\r\n", "\0", "\u{e9}", &"a".repeat(201)] {
        let builder = MemcachedStore::builder("memcached://localhost", clock()).key_prefix(prefix);
        assert_eq!(builder.build().err(), Some(MemcachedConfigError::Prefix), "{prefix:?}");
    }
    let builder = || MemcachedStore::builder("memcached://localhost", clock());
    for (builder, setter) in [
        (builder().timeout(Duration::ZERO), "timeout"),
        (builder().connections(0), "connections"),
        (builder().max_value(0), "max_value"),
    ] {
        assert_eq!(builder.build().err(), Some(MemcachedConfigError::Zero(setter)));
    }
}
