//! The number of commands that the whole session layer sends to Redis, and the number of rounds. A
//! round is a wait that needs an earlier reply. A proxy between the store and the server counts
//! them.

use http::StatusCode;
use tower_auth::{Clock, NearCache};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;

use crate::node::Node;
use crate::until::{PATIENCE, until};

const NOTHING: [[&str; 0]; 0] = [];

struct Fixture {
    _redis: Redis,
    proxy: Proxy,
    node: Node,
    near: Node,
}

impl Fixture {
    async fn new() -> Self {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let url = format!("redis://127.0.0.1:{}", proxy.port());
        // No server fails here, so the store may take its time.
        let store = RedisStore::node(url, Clock::system()).timeout(PATIENCE).build();
        let store = store.await.unwrap();
        let near = NearCache::builder(store.clone()).feed(store.feed()).build().unwrap();
        Self { _redis: redis, proxy, node: Node::new(store), near: Node::new(near) }
    }

    /// Returns the commands on records, without signs of life and the commands of new connections.
    fn rounds(&self) -> Vec<Vec<String>> {
        let alive = ["ROLE", "HELLO", "CLIENT SETINFO", "CLIENT TRACKING", "SCRIPT LOAD"];
        let mut rounds = self.proxy.take_rounds();
        rounds.iter_mut().for_each(|round| round.retain(|name| !alive.contains(&name.as_str())));
        rounds.retain(|round| !round.is_empty());
        rounds
    }

    /// Waits until the near-cache answers from memory. On a machine under load a feed may miss its
    /// beat, which makes the cache ask the server, so a test of an exact count repeats it.
    async fn is_near(&self, cookie: &str) {
        until("the feed is alive", async || {
            let _ = self.rounds();
            self.near.get("/guarded", cookie).await;
            self.rounds().is_empty()
        })
        .await;
    }
}

#[tokio::test]
async fn no_credential_costs_nothing() {
    let it = Fixture::new().await;
    let _ = it.rounds();
    for path in ["/public", "/guarded"] {
        it.node.get(path, "").await;
        it.node.get(path, "__Host-session=forged").await;
    }
    assert_eq!(it.rounds(), NOTHING);
}

#[tokio::test]
async fn a_read_is_one_command_and_a_change_two() {
    let it = Fixture::new().await;
    let alice = it.node.login("alice").await;
    let _ = it.rounds();
    it.node.get("/guarded", &alice).await.is("alice 0");
    assert_eq!(it.rounds(), [["GET"]]);
    it.node.post("/count", &alice).await.is("");
    assert_eq!(it.rounds(), [["GET"], ["EVALSHA"]]);
    it.node.get("/guarded", &alice).await.is("alice 1");
    assert_eq!(it.rounds(), [["GET"]]);
}

#[tokio::test]
async fn near_cached_a_read_is_nothing_and_a_change_one() {
    let it = Fixture::new().await;
    let alice = it.node.login("alice").await;
    it.is_near(&alice).await;
    it.near.get("/guarded", &alice).await.is("alice 0");
    assert_eq!(it.rounds(), NOTHING);
    it.near.post("/count", &alice).await.is("");
    assert_eq!(it.rounds(), [["EVALSHA"]]);
    // Its own write is visible at once.
    it.near.get("/guarded", &alice).await.is("alice 1");
    it.is_near(&alice).await;
}

#[tokio::test]
async fn a_login_is_three_commands_in_two_rounds() {
    let it = Fixture::new().await;
    let _ = it.rounds();
    // Without a session there is nothing to load.
    let alice = it.node.login("alice").await;
    assert_eq!(it.rounds(), [["EVALSHA", "EVALSHA"]]);
    // A second login of the same user renews the secret.
    let renewed = it.node.post("/login/alice", &alice).await.cookie();
    assert_ne!(renewed, alice);
    let rounds = it.rounds();
    assert!(rounds.len() <= 2 && rounds.concat().len() <= 3, "{rounds:?}");
    assert_eq!(rounds[0], ["GET"]);
}

#[tokio::test]
async fn the_login_of_an_anonymous_session_is_three_commands_in_two_rounds() {
    let it = Fixture::new().await;
    let anonymous = it.node.post("/count", "").await.cookie();
    let _ = it.rounds();
    let alice = it.node.post("/login/alice", &anonymous).await.cookie();
    let rounds = it.rounds();
    assert_eq!(rounds, [vec!["GET"], vec!["EVALSHA", "EVALSHA"]]);
    it.node.get("/guarded", &alice).await.is("alice 1");
}

#[tokio::test]
async fn a_login_as_another_is_four_commands() {
    let it = Fixture::new().await;
    let alice = it.node.login("alice").await;
    let _ = it.rounds();
    let bob = it.node.post("/login/bob", &alice).await.cookie();
    let rounds = it.rounds();
    assert!(rounds.concat().len() <= 4, "{rounds:?}");
    it.node.get("/guarded", &bob).await.is("bob 0");
    it.node.get("/public", &alice).await.is_anonymous();
}

#[tokio::test]
async fn the_kick_of_fifty_sessions_is_three_rounds() {
    let it = Fixture::new().await;
    let mut cookies = Vec::new();
    for _ in 0..50 {
        cookies.push(it.node.login("alice").await);
    }
    let bob = it.node.login("bob").await;
    let _ = it.rounds();
    let ended = it.node.kick("alice").await;
    let rounds = it.rounds();
    assert_eq!(ended, 50);
    assert!(rounds.len() <= 3, "{} rounds: {rounds:?}", rounds.len());
    for cookie in cookies {
        let status = it.node.get("/guarded", &cookie).await.status;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    it.node.get("/guarded", &bob).await.is("bob 0");
}
