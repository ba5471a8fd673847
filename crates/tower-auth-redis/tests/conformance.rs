//! The store contract on each Redis topology.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tower_auth_core::Clock;
use tower_auth_core::store::{Key, Owner};
use tower_auth_fixtures::server::{Redis, RedisCluster, RedisSentinels};
use tower_auth_redis::RedisStore;
use tower_auth_test::conformance::{Harness, Restart};
use tower_auth_test::{restart_conformance, store_conformance};

/// A long timeout: these tests do not measure time, and the machine may be under load.
const PATIENCE: Duration = Duration::from_secs(30);

/// Returns a prefix that no other test uses.
fn prefix() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("t{}:", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Shortens the lifetime of all keys that begin with `ARGV[1]` by `ARGV[2]` milliseconds. A key
/// without an expiry stays unchanged.
const GROW_OLDER: &str = "
    local cursor = '0'
    repeat
      local found = redis.call('SCAN', cursor, 'MATCH', ARGV[1] .. '*', 'COUNT', 1000)
      cursor = found[1]
      for _, key in ipairs(found[2]) do
        local left = redis.call('PTTL', key)
        if left >= 0 then
          left = left - ARGV[2]
          if left <= 0 then redis.call('DEL', key)
          else redis.call('PEXPIRE', key, string.format('%.0f', left)) end
        end
      end
    until cursor == '0'";

/// A Redis topology, with the operations that a harness needs on its servers.
trait Servers: Sync {
    /// The prefix of the store that was created last.
    fn prefix(&self) -> &str;

    /// Builds a store with that prefix.
    fn build(&self, clock: Clock) -> impl Future<Output = RedisStore> + Send;

    /// Runs a command on the server that has the command's key.
    fn run(&self, command: &[&str]) -> String;

    /// Runs a command on every server that has keys.
    fn run_on_each(&self, command: &[&str]);
}

struct On<S>(S);

impl<S: Servers> Harness for On<S> {
    type Store = RedisStore;

    async fn store(&self, clock: Clock) -> RedisStore {
        self.0.build(clock).await
    }

    async fn clean_up(&self, _store: &RedisStore, passed: Duration) {
        let millis = passed.as_millis().to_string();
        if passed > Duration::ZERO {
            self.0.run_on_each(&["EVAL", GROW_OLDER, "0", self.0.prefix(), &millis]);
        }
    }

    async fn row(&self, _store: &RedisStore, key: &Key) -> Option<Vec<u8>> {
        Some(self.0.run(&["GET", &format!("{}{key}", self.0.prefix())]).into_bytes())
    }

    async fn break_list(&self, _store: &RedisStore, owner: &Owner, broken: bool) -> bool {
        let index = URL_SAFE_NO_PAD.encode(owner.as_bytes());
        let index = format!("{}o.{index}", self.0.prefix());
        // A string is not a sorted set, so the server refuses to add an entry.
        let answer =
            if broken { self.0.run(&["SET", &index, "no"]) } else { self.0.run(&["DEL", &index]) };
        assert_eq!(answer, if broken { "OK" } else { "1" });
        true
    }
}

static NODE: LazyLock<Redis> = LazyLock::new(Redis::start);

struct Node(String);

impl Servers for Node {
    fn prefix(&self) -> &str {
        &self.0
    }

    async fn build(&self, clock: Clock) -> RedisStore {
        let builder = RedisStore::node(NODE.url(), clock).key_prefix(&self.0).timeout(PATIENCE);
        builder.build().await.expect("the node answers")
    }

    fn run(&self, command: &[&str]) -> String {
        NODE.cli(command)
    }

    fn run_on_each(&self, command: &[&str]) {
        let _ = NODE.cli(command);
    }
}

store_conformance!(node, On(Node(prefix())));

#[tokio::test]
async fn growing_older_deletes_what_has_expired_and_nothing_else() {
    let node = On(Node(prefix()));
    let clock = Clock::system();
    let store = node.store(clock).await;
    let [stays, goes, is_later] =
        ["stays", "goes", "is-later"].map(|name| format!("{}{name}", node.0.prefix()));
    node.0.run(&["SET", &stays, "1"]);
    node.0.run(&["SET", &goes, "1", "EX", "3600"]);
    node.0.run(&["SET", &is_later, "1", "EX", "36000"]);
    node.clean_up(&store, Duration::from_secs(3600)).await;
    assert_eq!(node.0.run(&["EXISTS", &stays, &is_later]), "2");
    assert_eq!(node.0.run(&["PTTL", &stays]), "-1");
    assert_eq!(node.0.run(&["EXISTS", &goes]), "0");
}

static SENTINELS: LazyLock<RedisSentinels> = LazyLock::new(RedisSentinels::start);

struct Sentinels(String);

impl Servers for Sentinels {
    fn prefix(&self) -> &str {
        &self.0
    }

    async fn build(&self, clock: Clock) -> RedisStore {
        let builder = RedisStore::sentinel(SENTINELS.urls(), RedisSentinels::NAME, clock);
        builder.key_prefix(&self.0).timeout(PATIENCE).build().await.expect("the primary answers")
    }

    fn run(&self, command: &[&str]) -> String {
        SENTINELS.cli(command)
    }

    fn run_on_each(&self, command: &[&str]) {
        let _ = SENTINELS.cli(command);
    }
}

store_conformance!(sentinel, On(Sentinels(prefix())));

static CLUSTER: LazyLock<RedisCluster> = LazyLock::new(RedisCluster::start);

struct Nodes(String);

impl Servers for Nodes {
    fn prefix(&self) -> &str {
        &self.0
    }

    async fn build(&self, clock: Clock) -> RedisStore {
        let builder =
            RedisStore::cluster(CLUSTER.urls(), clock).key_prefix(&self.0).timeout(PATIENCE);
        builder.build().await.expect("the cluster answers")
    }

    fn run(&self, command: &[&str]) -> String {
        CLUSTER.cli(command)
    }

    fn run_on_each(&self, command: &[&str]) {
        for primary in CLUSTER.primaries() {
            let _ = CLUSTER.cli_on(primary, command);
        }
    }
}

store_conformance!(cluster, On(Nodes(prefix())));

/// A server of its own, because the test kills it.
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
        let builder = RedisStore::node(url, clock).timeout(PATIENCE);
        builder.build().await.expect("the node answers")
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
