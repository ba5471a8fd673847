//! Tests of the contract with hits, of feeds, silences and bounds, and of every order of two nodes'
//! steps.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, Load, Owner, Page, Record, RecordId, RecordKind, Store,
    StoreError, Stored, Version, Write,
};
use tower_auth_core::{Clock, Timestamp};
use tower_auth_test::intercept::{Answer, Call, Intercept, Interceptor};
use tower_auth_test::{FaultyStore, FeedingStore, ModelStore, TestClock, TestFeed};

use super::{NearCache, NearCacheBuilder, NearCacheConfigError};

mod contract;
mod feed;
mod hammer;
mod orders;
mod own;
mod room;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const ALICE: Owner = Owner::new([1; 32]);

type Shared = FeedingStore<FaultyStore<ModelStore>>;

fn key(byte: u8) -> Key {
    Key::new(RecordKind::Session, RecordId::new([byte; 16]))
}

/// Creates a record at this time with this text, an idle timeout of one minute and an absolute one
/// of an hour.
fn record(now: Timestamp, data: &'static str) -> Record {
    Record {
        owner: None,
        created: now,
        last: now,
        idle: MINUTE,
        absolute: now + 60 * MINUTE,
        meta: Bytes::from_static(b"meta"),
        data: Bytes::from_static(data.as_bytes()),
        data_is_json: false,
    }
}

/// A shared store, and a near-cache in front of it with a live feed.
struct Node {
    /// The clock of the records.
    time: TestClock,
    /// The cache's own clock.
    uptime: TestClock,
    store: Shared,
    feed: TestFeed,
    near: NearCache<Shared>,
}

impl Node {
    fn new() -> Self {
        Self::with(|builder| builder)
    }

    fn with(set: impl FnOnce(NearCacheBuilder<Shared>) -> NearCacheBuilder<Shared>) -> Self {
        let (time, uptime) = (TestClock::new(), TestClock::new());
        let store = FeedingStore::new(FaultyStore::new(ModelStore::new(time.clock())));
        let feed = store.feed();
        let builder = NearCache::builder(store.clone())
            .feed(feed.clone())
            .clock(time.clock())
            .uptime(uptime.clock());
        let near = set(builder).build().unwrap();
        feed.beat();
        Self { time, uptime, store, feed, near }
    }

    /// Returns the answer that the cache has in memory.
    fn hit(&self, byte: u8) -> Option<Load> {
        self.near.load_now(&key(byte))
    }

    fn hit_data(&self, byte: u8) -> Option<Bytes> {
        match self.hit(byte)? {
            Load::Found(stored) => Some(stored.record.data),
            Load::Absent | Load::Ended { .. } => None,
        }
    }

    /// Writes a record to the store directly, and reads it through the cache.
    async fn read(&self, byte: u8, data: &'static str) -> Version {
        let write = self.store.create(&key(byte), &record(self.time.now(), data)).await.unwrap();
        self.load(byte).await;
        let Write::Done(version) = write else { panic!("the key is free") };
        version
    }

    async fn load(&self, byte: u8) -> Load {
        self.near.load(&key(byte)).await.unwrap()
    }
}

/// An interceptor that asks memory first, as the layers do.
struct HitsFirst;

fn hits_first<S: Store>(store: S) -> Intercept<S, HitsFirst> {
    Intercept::with(store, HitsFirst)
}

impl<S: Store> Interceptor<S> for HitsFirst {
    async fn call(&self, store: &S, call: Call<'_>) -> Result<Answer, StoreError> {
        if let Call::Load(key) = call
            && let Some(load) = store.load_now(key)
        {
            return Ok(Answer::Load(load));
        }
        call.run(store).await
    }

    fn load_now(&self, store: &S, key: &Key) -> Option<Load> {
        store.load_now(key)
    }
}
