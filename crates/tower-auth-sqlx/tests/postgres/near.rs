//! Near caches over PostgreSQL: a hit sends no query, and an end by another node is seen.

use std::time::Duration;

use tower_auth::NearCache;
use tower_auth_core::Clock;
use tower_auth_core::store::{EndReason, Key, Load, Store};
use tower_auth_sqlx::PostgresStore;
use tower_auth_test::conformance::Harness;
use tower_auth_test::{TestClock, store_conformance};

use super::{Schemas, end_feeds, node, schema};
use crate::support::{IDLE, found, key, put, record};

const PATIENCE: Duration = Duration::from_secs(60);

fn near(store: PostgresStore, clock: Clock) -> NearCache<PostgresStore> {
    let feed = store.feed();
    NearCache::builder(store).feed(feed).clock(clock).build().expect("the cache has a feed")
}

#[derive(Default)]
struct Near(Schemas);

impl Harness for Near {
    type Store = NearCache<PostgresStore>;

    async fn store(&self, clock: Clock) -> Self::Store {
        near(self.0.store(clock.clone()).await, clock)
    }

    async fn clean_up(&self, store: &Self::Store, passed: Duration) {
        self.0.clean_up(store.inner(), passed).await;
    }

    async fn row(&self, store: &Self::Store, key: &Key) -> Option<Vec<u8>> {
        self.0.row(store.inner(), key).await
    }
}

store_conformance!(near_conformance, Near::default());

/// Reads until memory answers: the feed is up, and the record is cached.
async fn until_cached(cache: &NearCache<PostgresStore>, number: u8) {
    let cached = async {
        while cache.load_now(&key(number)).is_none() {
            found(cache, &key(number)).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, cached).await.expect("the record is cached in time");
}

/// Reads from memory alone until the record is no longer alive.
async fn until_ended(cache: &NearCache<PostgresStore>, number: u8) {
    let ended = async {
        while matches!(cache.load_now(&key(number)), Some(Load::Found(_))) {
            tokio::task::yield_now().await;
        }
        let load = cache.load(&key(number)).await;
        assert!(matches!(load, Ok(Load::Ended { reason: EndReason::Kicked, .. })));
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("the end is seen in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_ends_is_ended_here() {
    let (time, schema) = (TestClock::new(), schema());
    let other = node(&schema, time.clock());
    other.migrate().await.unwrap();
    let cache = near(node(&schema, time.clock()), time.clock());
    for number in 0..50 {
        put(&other, &key(number), &record(time.now(), "{}")).await;
        until_cached(&cache, number).await;
        other.end(&key(number), EndReason::Kicked, IDLE).await.unwrap();
        until_ended(&cache, number).await;
    }
}

/// The feed's connection dies between a read and the end that it would have reported.
#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_the_feed_missed_is_seen_too() {
    let (time, schema) = (TestClock::new(), schema());
    let other = node(&schema, time.clock());
    other.migrate().await.unwrap();
    let cache = near(node(&schema, time.clock()), time.clock());
    for number in 0..5 {
        put(&other, &key(number), &record(time.now(), "{}")).await;
        until_cached(&cache, number).await;
        end_feeds(&schema).await;
        other.end(&key(number), EndReason::Kicked, IDLE).await.unwrap();
        until_ended(&cache, number).await;
    }
}
