//! The store contract, on every sort of Redis.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};

use tower_auth_core::Clock;
use tower_auth_fixtures::server::{Redis, RedisCluster, RedisSentinels};
use tower_auth_redis::RedisStore;
use tower_auth_test::conformance::{Harness, Restart};
use tower_auth_test::{restart_conformance, store_conformance};

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

/// One that is nobody else's.
struct OwnNode(Mutex<Redis>);

impl OwnNode {
    fn start() -> Self {
        Self(Mutex::new(Redis::start()))
    }
}

impl Harness for OwnNode {
    type Store = RedisStore;

    async fn store(&self, clock: Clock) -> RedisStore {
        let url = self.0.lock().unwrap().url();
        RedisStore::node(url, clock).build().await.expect("the node answers")
    }
}

impl Restart for OwnNode {
    fn keeps(&self) -> bool {
        true
    }

    async fn kill(&self) {
        self.0.lock().unwrap().kill();
    }

    async fn start(&self) {
        self.0.lock().unwrap().restart();
    }
}

restart_conformance!(restarted_node, OwnNode::start());
