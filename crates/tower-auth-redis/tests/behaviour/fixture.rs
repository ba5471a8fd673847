//! Helpers for all tests.

use std::future::Future;
use std::time::{Duration, Instant};

use tower_auth_core::Clock;
use tower_auth_core::store::{
    Key, Load, Owner, Record, RecordId, RecordKind, Store, StoreError, StoreErrorKind, Version,
    Write,
};
use tower_auth_redis::{RedisStore, RedisStoreBuilder};

/// The time limit of each test step. Every step that succeeds takes less.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// The time limit of a step in the stores under test.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(1);

pub(crate) fn run(test: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build();
    runtime.expect("the runtime starts").block_on(test);
}

pub(crate) async fn build(builder: RedisStoreBuilder) -> RedisStore {
    builder.timeout(TIMEOUT).build().await.expect("the server answers")
}

pub(crate) async fn node(url: String) -> RedisStore {
    build(RedisStore::node(url, Clock::system())).await
}

/// A store that waits for a busy server, for tests without faults.
pub(crate) async fn patient(builder: RedisStoreBuilder) -> RedisStore {
    builder.timeout(PATIENCE).build().await.expect("the server answers")
}

pub(crate) fn key(number: u32) -> Key {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Key::new(RecordKind::Session, RecordId::new(id))
}

pub(crate) fn owner() -> Owner {
    Owner::new([7; 32])
}

pub(crate) fn record() -> Record {
    let now = Clock::system().now();
    Record {
        owner: None,
        created: now,
        last: now,
        idle: Duration::from_secs(600),
        absolute: now + Duration::from_secs(3600),
        meta: b"meta".as_slice().into(),
        data: b"{}".as_slice().into(),
        data_is_json: true,
    }
}

pub(crate) fn owned() -> Record {
    Record { owner: Some(owner()), ..record() }
}

pub(crate) async fn create(store: &RedisStore, key: &Key, record: &Record) -> Version {
    done(store.create(key, record).await.expect("the store answers"))
}

pub(crate) fn done(write: Write) -> Version {
    match write {
        Write::Done(version) => version,
        other => panic!("expected Done, got {other:?}"),
    }
}

pub(crate) async fn is_found(store: &RedisStore, key: &Key) -> bool {
    matches!(store.load(key).await, Ok(Load::Found(_)))
}

/// Repeats the step until it succeeds. Returns the answer and the time it took.
pub(crate) async fn until<T>(
    mut step: impl AsyncFnMut() -> Result<T, StoreError>,
) -> (T, Duration) {
    let start = Instant::now();
    loop {
        match step().await {
            Ok(answer) => return (answer, start.elapsed()),
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                assert!(start.elapsed() < PATIENCE, "it never recovers: {error:?}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// Asserts that the step fails as unavailable, and in time. The limit is generous, because the
/// machine may be busy.
pub(crate) async fn is_unavailable<T>(step: impl Future<Output = Result<T, StoreError>>) {
    let answer = tokio::time::timeout(TIMEOUT * 20, step).await.expect("the step ends in time");
    match answer {
        Ok(_) => panic!("expected an error, but the step succeeded"),
        Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable),
    }
}
