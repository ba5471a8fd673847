//! The store contract, on every sort of Redis.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tower_auth_core::Clock;
use tower_auth_fixtures::server::{Redis, RedisCluster, RedisSentinels};
use tower_auth_redis::RedisStore;
use tower_auth_test::conformance::Harness;
use tower_auth_test::store_conformance;

/// A prefix that no other test has.
fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("t{}:", NEXT.fetch_add(1, Ordering::Relaxed))
}

static NODE: LazyLock<Redis> = LazyLock::new(Redis::start);

struct Node;

impl Harness for Node {
    type Store = RedisStore;

    async fn store(&self, clock: Clock) -> RedisStore {
        let builder = RedisStore::node(NODE.url(), clock).key_prefix(prefix());
        builder.build().await.expect("the node answers")
    }
}

store_conformance!(node, Node);

static SENTINELS: LazyLock<RedisSentinels> = LazyLock::new(RedisSentinels::start);

struct Sentinels;

impl Harness for Sentinels {
    type Store = RedisStore;

    async fn store(&self, clock: Clock) -> RedisStore {
        let builder = RedisStore::sentinel(SENTINELS.urls(), RedisSentinels::NAME, clock);
        builder.key_prefix(prefix()).build().await.expect("the primary answers")
    }
}

store_conformance!(sentinel, Sentinels);

static CLUSTER: LazyLock<RedisCluster> = LazyLock::new(RedisCluster::start);

struct Nodes;

impl Harness for Nodes {
    type Store = RedisStore;

    async fn store(&self, clock: Clock) -> RedisStore {
        let builder = RedisStore::cluster(CLUSTER.urls(), clock).key_prefix(prefix());
        builder.build().await.expect("the cluster answers")
    }
}

store_conformance!(cluster, Nodes);
