//! Two nodes with near-caches over one PostgreSQL, which sends notifications of changes.

use http::StatusCode;
use tower_auth::NearCache;
use tower_auth_fixtures::proxy::Proxy;

use crate::faults_postgres::{server, serving, signal, store};
use crate::node::{Node, TIMEOUT};
use crate::until::{PATIENCE, loop_until, until};

struct Fixture {
    a: Node,
    b: Node,
    to_b: Proxy,
}

impl Fixture {
    async fn new(port: u16, prefix: &str) -> Self {
        let to_b = Proxy::start(port);
        let a = store(port, prefix, PATIENCE);
        a.migrate().await.expect("the tables can be created");
        let b = store(to_b.port(), prefix, TIMEOUT);
        Self { a: near(a), b: near(b), to_b }
    }

    /// Waits until B answers while it cannot ask the server.
    async fn b_is_near(&self, cookie: &str) {
        until("B answers from memory", async || {
            self.b.get("/guarded", cookie).await;
            self.to_b.black_hole(true);
            let reply = self.b.get("/guarded", cookie).await;
            self.to_b.black_hole(false);
            reply.status == StatusCode::OK
        })
        .await;
    }

    async fn b_knows_no_one(&self, cookie: &str) {
        until("the kick is seen on B", async || {
            self.b.get("/guarded", cookie).await.status == StatusCode::UNAUTHORIZED
        })
        .await;
    }

    async fn b_trusts_nothing(&self, cookie: &str) {
        until("nothing is served from memory", async || {
            self.b.get("/guarded", cookie).await.status == StatusCode::SERVICE_UNAVAILABLE
        })
        .await;
        for _ in 0..3 {
            self.b.get("/guarded", cookie).await.is_unavailable();
        }
    }
}

fn near(store: tower_auth_sqlx::PostgresStore) -> Node {
    let feed = store.feed();
    Node::new(NearCache::builder(store).feed(feed).build().unwrap())
}

#[tokio::test]
async fn a_postgres_kick_is_seen_on_the_other_node() {
    let server = server().await;
    let it = Fixture::new(server.port(), "kick_").await;
    for cut in [false, true, false] {
        let alice = it.a.login("alice").await;
        it.b_is_near(&alice).await;
        if cut {
            it.to_b.cut();
        }
        assert_eq!(it.a.kick("alice").await, 1);
        it.b_knows_no_one(&alice).await;
    }
    let bob = it.a.login("bob").await;
    for count in 1..=20 {
        it.a.post("/count", &bob).await.is("");
        it.a.get("/guarded", &bob).await.is(&format!("bob {count}"));
    }
}

#[tokio::test]
async fn a_postgres_black_hole_ends_the_trust_and_hides_no_kick() {
    let server = server().await;
    let it = Fixture::new(server.port(), "near_hole_").await;
    let alice = it.a.login("alice").await;
    it.b_is_near(&alice).await;
    it.to_b.black_hole(true);
    assert_eq!(it.a.kick("alice").await, 1);
    it.b_trusts_nothing(&alice).await;
    it.to_b.black_hole(false);
    it.b_knows_no_one(&alice).await;
    it.b_is_near(&it.a.login("bob").await).await;
}

#[tokio::test]
async fn a_stopped_postgres_ends_the_trust() {
    let server = server().await;
    let it = Fixture::new(server.port(), "near_stop_").await;
    let alice = it.a.login("alice").await;
    it.b_is_near(&alice).await;
    let serving = serving(&server).await;
    server.pause();
    signal("-STOP", &serving);
    it.b_trusts_nothing(&alice).await;
    signal("-CONT", &serving);
    server.resume();
    it.b_is_near(&alice).await;
    it.a.kick("alice").await;
    it.b_knows_no_one(&alice).await;
}

/// Only the feed's connection is silent: the store itself is reachable.
#[tokio::test]
async fn a_silent_postgres_feed_makes_reads_go_through() {
    let server = server().await;
    let mut it = Fixture::new(server.port(), "silent_").await;
    let feeding = Proxy::start(server.port());
    let feed = store(feeding.port(), "silent_", TIMEOUT).feed();
    let records = store(it.to_b.port(), "silent_", TIMEOUT);
    it.b = Node::new(NearCache::builder(records).feed(feed).build().unwrap());
    let alice = it.a.login("alice").await;
    it.b_is_near(&alice).await;
    feeding.black_hole(true);
    // Without a push, B sees the change as soon as it stops trusting its memory.
    assert_eq!(it.a.kick("alice").await, 1);
    it.b_knows_no_one(&alice).await;
    let bob = it.a.login("bob").await;
    for count in 1..=5 {
        it.a.post("/count", &bob).await.is("");
        let told = async || {
            let reply = it.b.get("/guarded", &bob).await;
            (reply.status != StatusCode::SERVICE_UNAVAILABLE).then_some(reply)
        };
        loop_until("B asks", told).await.is(&format!("bob {count}"));
    }
    feeding.black_hole(false);
    it.b_is_near(&bob).await;
    assert_eq!(it.b.get("/guarded", &alice).await.status, StatusCode::UNAUTHORIZED);
}
