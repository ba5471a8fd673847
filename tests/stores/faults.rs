//! Redis and Memcached are killed, stopped, slow, full and read-only.

use std::collections::BTreeSet;

use http::StatusCode;
use tonic::Code;
use tower_auth::Clock;
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{Memcached, Redis};
use tower_auth_memcached::MemcachedStore;
use tower_auth_redis::RedisStore;

use crate::node::{Node, Reply, TIMEOUT};
use crate::until::{loop_until, until};

/// A node, and two users who logged in before the fault.
pub(crate) struct Before {
    pub(crate) node: Node,
    pub(crate) alice: String,
    pub(crate) bob: String,
    /// The text of alice's page.
    told: String,
}

impl Before {
    pub(crate) async fn new(node: Node) -> Self {
        let (alice, bob) = (logged_in(&node, "alice").await, logged_in(&node, "bob").await);
        until("alice counts", async || node.post("/count", &alice).await.status == StatusCode::OK)
            .await;
        let mut it = Self { node, alice, bob, told: String::new() };
        it.told = it.asked("/guarded", &it.alice).await.text;
        assert!(it.told.starts_with("alice "), "{}", it.told);
        it
    }

    /// Returns the answer, once the store is available.
    async fn asked(&self, path: &str, cookie: &str) -> Reply {
        loop_until("the store is available", async || {
            let reply = self.node.get(path, cookie).await;
            (reply.status != StatusCode::SERVICE_UNAVAILABLE && reply.text != "unavailable")
                .then_some(reply)
        })
        .await
    }

    /// Waits until the fault takes effect.
    pub(crate) async fn is_felt(&self) {
        let guarded = async || self.node.get("/guarded", &self.alice).await.status;
        until("the fault takes effect", async || guarded().await != StatusCode::OK).await;
    }

    /// Asserts the answers while the store is unavailable.
    pub(crate) async fn nothing_is_known(&self) {
        let Self { node, alice, bob, .. } = self;
        node.get("/guarded", alice).await.is_unavailable();
        node.get("/public", alice).await.is("unavailable");
        node.post("/count", alice).await.is_unavailable();
        node.post("/logout", bob).await.is_unavailable();
        assert_eq!(node.call(alice).await, Err(Code::Unavailable));
        self.no_one_comes_in().await;
    }

    /// Asserts the answers while the store can be read but refuses to write.
    pub(crate) async fn nothing_changes(&self) {
        let Self { node, alice, .. } = self;
        self.asked("/guarded", alice).await.is(&self.told);
        node.post("/count", alice).await.is_unavailable();
        node.post("/login/alice", alice).await.is_unavailable();
        self.no_one_comes_in().await;
    }

    /// Waits until both users are served again. Until then each of them gets no data, and never
    /// that of the other user.
    pub(crate) async fn is_only_unavailable(&self) {
        let served = async |cookie: &str, text: &str| {
            let guarded = self.node.get("/guarded", cookie).await;
            let public = self.node.get("/public", cookie).await;
            for reply in [&guarded, &public] {
                match reply.status {
                    StatusCode::OK if reply.text != "unavailable" => reply.is(text),
                    StatusCode::OK => reply.is("unavailable"),
                    _ => reply.is_unavailable(),
                }
            }
            guarded.text == text && public.text == text
        };
        until("both are served", async || {
            served(&self.alice, &self.told).await && served(&self.bob, "bob 0").await
        })
        .await;
    }

    async fn no_one_comes_in(&self) {
        self.node.post("/login/carol", "").await.is_unavailable();
        // This request needs no store command.
        self.node.get("/public", "").await.is("anonymous");
    }

    /// Asserts that all is well, without a restart of the application, and that the clients'
    /// cookies still work.
    pub(crate) async fn is_well(&self) {
        self.asked("/guarded", &self.alice).await.is(&self.told);
        self.asked("/public", &self.bob).await.is("bob 0");
        let call = async || self.node.call(&self.alice).await.ok();
        assert_eq!(loop_until("a call", call).await, "alice via session");
        logged_in(&self.node, "carol").await;
    }
}

async fn logged_in(node: &Node, who: &str) -> String {
    let path = format!("/login/{who}");
    let login = async || {
        let reply = node.post(&path, "").await;
        (reply.status == StatusCode::OK).then(|| reply.cookie())
    };
    loop_until("a login", login).await
}

/// Returns every record with a fingerprint of its bytes.
pub(crate) fn records(server: &Redis) -> BTreeSet<String> {
    let script = "local all = {} \
                  for _, key in ipairs(redis.call('KEYS', 'ta:1.*')) do \
                  all[#all + 1] = key .. '=' .. redis.sha1hex(redis.call('GET', key)) end \
                  return all";
    let all: BTreeSet<_> =
        server.cli(&["EVAL_RO", script, "0"]).lines().map(str::to_owned).collect();
    assert!(all.len() >= 2 && all.iter().all(|line| line.contains('=')), "{all:?}");
    all
}

async fn redis(port: u16) -> Node {
    let store = RedisStore::node(format!("redis://127.0.0.1:{port}"), Clock::system());
    Node::new(store.timeout(TIMEOUT).build().await.unwrap())
}

#[tokio::test]
async fn a_redis_that_is_killed() {
    let mut server = Redis::start();
    let it = Before::new(redis(server.port()).await).await;
    let had = records(&server);
    server.kill();
    it.nothing_is_known().await;
    server.restart();
    it.is_well().await;
    assert!(records(&server).is_superset(&had));
}

#[tokio::test]
async fn a_redis_that_is_stopped() {
    let server = Redis::start();
    let it = Before::new(redis(server.port()).await).await;
    let had = records(&server);
    server.pause();
    it.is_felt().await;
    it.nothing_is_known().await;
    server.resume();
    it.is_well().await;
    assert!(records(&server).is_superset(&had));
}

/// Connections stay open, but no data comes through.
#[tokio::test]
async fn a_redis_behind_a_black_hole() {
    let server = Redis::start();
    let proxy = Proxy::start(server.port());
    let it = Before::new(redis(proxy.port()).await).await;
    let had = records(&server);
    proxy.black_hole(true);
    it.nothing_is_known().await;
    proxy.black_hole(false);
    it.is_well().await;
    assert!(records(&server).is_superset(&had));
    // The network closes every connection.
    proxy.cut();
    it.is_well().await;
}

/// `noeviction`: the server refuses commands that need memory, and accepts those that free it.
#[tokio::test]
async fn a_redis_that_is_full() {
    let server = Redis::with(&["--maxmemory-policy", "noeviction"]);
    let it = Before::new(redis(server.port()).await).await;
    let had = records(&server);
    assert_eq!(server.cli(&["CONFIG", "SET", "maxmemory", "1"]), "OK");
    it.nothing_changes().await;
    assert_eq!(server.cli(&["CONFIG", "SET", "maxmemory", "0"]), "OK");
    it.is_well().await;
    assert!(records(&server).is_superset(&had));
    assert_eq!(server.cli(&["CONFIG", "SET", "maxmemory", "1"]), "OK");
    // A login as another user fails too, and alice's session stays, though a full server would end
    // it.
    it.node.post("/login/dave", &it.alice).await.is_unavailable();
    it.asked("/guarded", &it.alice).await.is(&it.told);
    // A logout succeeds.
    let left = it.node.post("/logout", &it.bob).await;
    assert_eq!(left.status, StatusCode::OK);
    assert!(left.cookies[0].starts_with("__Host-session=;"), "{left:?}");
    it.node.get("/public", &it.bob).await.is_anonymous();
}

/// A primary that has lost its replicas.
#[tokio::test]
async fn a_redis_that_takes_no_writes() {
    let server = Redis::start();
    let it = Before::new(redis(server.port()).await).await;
    let had = records(&server);
    assert_eq!(server.cli(&["CONFIG", "SET", "min-replicas-to-write", "1"]), "OK");
    it.nothing_changes().await;
    // A login as another user fails too, and alice's session stays.
    it.node.post("/login/dave", &it.alice).await.is_unavailable();
    it.node.post("/logout", &it.bob).await.is_unavailable();
    assert_eq!(server.cli(&["CONFIG", "SET", "min-replicas-to-write", "0"]), "OK");
    it.is_well().await;
    assert!(records(&server).is_superset(&had));
}

/// The server accepts changes and does not answer. The client cannot know whether a change was
/// done: it may happen later, and once.
#[tokio::test]
async fn a_redis_whose_writes_hang() {
    let server = Redis::start();
    let it = Before::new(redis(server.port()).await).await;
    let told = it.told.strip_prefix("alice ").and_then(|it| it.parse::<u32>().ok()).unwrap();
    assert_eq!(server.cli(&["CLIENT", "PAUSE", "600000", "WRITE"]), "OK");
    it.asked("/guarded", &it.alice).await.is(&it.told);
    it.node.post("/count", &it.alice).await.is_unavailable();
    it.node.post("/logout", &it.bob).await.is_unavailable();
    it.no_one_comes_in().await;
    assert_eq!(server.cli(&["CLIENT", "UNPAUSE"]), "OK");
    logged_in(&it.node, "carol").await;
    let alice = it.asked("/guarded", &it.alice).await.text;
    assert!([told, told + 1].map(|it| format!("alice {it}")).contains(&alice), "{alice}");
    let bob = it.asked("/public", &it.bob).await.text;
    assert!(["bob 0", "anonymous"].contains(&&*bob), "{bob}");
}

/// The server was demoted: its data may be old, so the store does not use it.
#[tokio::test]
async fn a_redis_that_became_a_replica() {
    let (server, primary) = (Redis::start(), Redis::start());
    let it = Before::new(redis(server.port()).await).await;
    let had = records(&server);
    // The new primary never answers, so the replica keeps its records.
    primary.pause();
    let port = primary.port().to_string();
    assert_eq!(server.cli(&["REPLICAOF", "127.0.0.1", &port]), "OK");
    it.is_felt().await;
    it.nothing_is_known().await;
    assert_eq!(server.cli(&["REPLICAOF", "NO", "ONE"]), "OK");
    it.is_well().await;
    assert!(records(&server).is_superset(&had));
}

fn memcached(server: &Memcached) -> Node {
    let address = format!("memcached://127.0.0.1:{}", server.port());
    let store = MemcachedStore::builder(&address, Clock::system()).timeout(TIMEOUT);
    Node::new(store.build().unwrap())
}

#[tokio::test]
async fn a_memcached_that_is_stopped() {
    let server = Memcached::start();
    let it = Before::new(memcached(&server)).await;
    server.pause();
    it.is_felt().await;
    it.nothing_is_known().await;
    server.resume();
    it.is_well().await;
}

/// The server forgets everything: users are anonymous again, which is no error.
#[tokio::test]
async fn a_memcached_that_is_killed() {
    let mut server = Memcached::start();
    let it = Before::new(memcached(&server)).await;
    server.kill();
    it.nothing_is_known().await;
    server.restart();
    it.asked("/public", &it.alice).await.is_anonymous();
    logged_in(&it.node, "alice").await;
}
