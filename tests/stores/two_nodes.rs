//! Two nodes with near-caches over one Redis, which pushes changes.

use http::StatusCode;
use tower_auth::{Clock, NearCache};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;

use crate::node::{Node, TIMEOUT};
use crate::until::{PATIENCE, until};

struct Fixture {
    redis: Redis,
    a: Node,
    b: Node,
    /// The proxy between B and the server.
    to_b: Proxy,
}

async fn near(port: u16, timeout: std::time::Duration) -> Node {
    let store = RedisStore::node(format!("redis://127.0.0.1:{port}"), Clock::system());
    let store = store.timeout(timeout).build().await.unwrap();
    Node::new(NearCache::builder(store.clone()).feed(store.feed()).build().unwrap())
}

impl Fixture {
    async fn new() -> Self {
        let redis = Redis::start();
        let to_b = Proxy::start(redis.port());
        let (a, b) = (near(redis.port(), PATIENCE).await, near(to_b.port(), TIMEOUT).await);
        Self { a, b, to_b, redis }
    }

    /// Returns the number of records that B loads for a request with this cookie.
    async fn loads(&self, cookie: &str) -> usize {
        let _ = self.to_b.take();
        self.b.get("/guarded", cookie).await;
        self.to_b.take().iter().filter(|name| *name == "GET").count()
    }

    async fn b_is_near(&self, cookie: &str) {
        until("B answers from memory", async || {
            let served = self.b.get("/guarded", cookie).await.status == StatusCode::OK;
            served && self.loads(cookie).await == 0
        })
        .await;
    }

    async fn kick(&self) -> usize {
        self.a.kick("alice").await
    }

    async fn b_has_heard(&self, cookie: &str) {
        until("the kick is seen on B", async || {
            self.b.get("/guarded", cookie).await.status == StatusCode::UNAUTHORIZED
        })
        .await;
    }

    /// Asserts that B serves nothing from memory while it is cut off, and has missed nothing
    /// afterwards.
    async fn b_stops_to_trust(&self, fault: impl Fn(bool)) {
        let alice = self.a.login("alice").await;
        self.b_is_near(&alice).await;
        fault(true);
        // B may serve from memory for the 2 seconds that its feed may be silent, and no longer.
        until("nothing is served from memory", async || {
            self.b.get("/guarded", &alice).await.status == StatusCode::SERVICE_UNAVAILABLE
        })
        .await;
        for _ in 0..3 {
            self.b.get("/guarded", &alice).await.is_unavailable();
            self.b.get("/public", &alice).await.is("unavailable");
        }
        fault(false);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_write_is_seen_here_at_once_on_one_thread() {
    writes_are_seen_at_once().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_write_is_seen_here_at_once_on_many_threads() {
    writes_are_seen_at_once().await;
}

async fn writes_are_seen_at_once() {
    let redis = Redis::start();
    let node = near(redis.port(), PATIENCE).await;
    let alice = node.login("alice").await;
    for count in 1..=100 {
        node.post("/count", &alice).await.is("");
        node.get("/guarded", &alice).await.is(&format!("alice {count}"));
    }
    node.post("/logout", &alice).await;
    node.get("/public", &alice).await.is_anonymous();
    let bob = node.login("bob").await;
    assert_eq!(node.kick("bob").await, 1);
    node.get("/public", &bob).await.is_anonymous();
}

#[tokio::test]
async fn a_kick_is_seen_on_the_other_node() {
    let it = Fixture::new().await;
    for _ in 0..10 {
        let alice = it.a.login("alice").await;
        it.b_is_near(&alice).await;
        assert_eq!(it.kick().await, 1);
        it.b_has_heard(&alice).await;
    }
}

/// The push connection is cut during each kick.
#[tokio::test]
async fn no_kick_is_missed_while_the_push_connection_is_closed() {
    let it = Fixture::new().await;
    for _ in 0..3 {
        let alice = it.a.login("alice").await;
        it.b_is_near(&alice).await;
        it.to_b.cut();
        assert_eq!(it.kick().await, 1);
        it.b_has_heard(&alice).await;
        it.b_is_near(&it.a.login("bob").await).await;
        assert_eq!(it.b.get("/guarded", &alice).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_black_hole_ends_the_trust_and_hides_no_kick() {
    let it = Fixture::new().await;
    let carol = it.a.login("alice").await;
    it.b_is_near(&carol).await;
    it.b_stops_to_trust(|on| {
        it.to_b.black_hole(on);
    })
    .await;
    it.b_is_near(&carol).await;
    // A kick during the outage.
    it.to_b.black_hole(true);
    assert_eq!(it.kick().await, 2);
    until("B stops serving", async || it.b.get("/guarded", &carol).await.status != StatusCode::OK)
        .await;
    it.to_b.black_hole(false);
    it.b_has_heard(&carol).await;
    it.b_is_near(&it.a.login("bob").await).await;
    assert_eq!(it.b.get("/guarded", &carol).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_stopped_server_ends_the_trust() {
    let it = Fixture::new().await;
    it.b_stops_to_trust(|on| if on { it.redis.pause() } else { it.redis.resume() }).await;
    let alice = it.a.login("alice").await;
    it.b_is_near(&alice).await;
    it.kick().await;
    it.b_has_heard(&alice).await;
}

/// Only the push connection is silent, neither closed nor refused. After 2 seconds each read goes
/// to the server, and so sees the change.
#[tokio::test]
async fn a_silent_push_connection_makes_reads_go_through() {
    let it = Fixture::new().await;
    let pushes = Proxy::start(it.redis.port());
    let store = |port| {
        let url = format!("redis://127.0.0.1:{port}");
        RedisStore::node(url, Clock::system()).timeout(PATIENCE).build()
    };
    let feed = store(pushes.port()).await.unwrap().feed();
    let records = store(it.to_b.port()).await.unwrap();
    let b = Node::new(NearCache::builder(records).feed(feed).build().unwrap());
    let it = Fixture { b, ..it };
    let alice = it.a.login("alice").await;
    it.b_is_near(&alice).await;
    pushes.black_hole(true);
    until("B asks", async || it.loads(&alice).await == 1).await;
    for _ in 0..5 {
        assert_eq!(it.loads(&alice).await, 1);
    }
    it.a.post("/count", &alice).await.is("");
    it.b.get("/guarded", &alice).await.is("alice 1");
    assert_eq!(it.kick().await, 1);
    assert_eq!(it.b.get("/guarded", &alice).await.status, StatusCode::UNAUTHORIZED);
    pushes.black_hole(false);
    it.b_is_near(&it.a.login("bob").await).await;
    assert_eq!(it.b.get("/guarded", &alice).await.status, StatusCode::UNAUTHORIZED);
}
