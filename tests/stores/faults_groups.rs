//! Redis behind Sentinels and in a Cluster: a primary is killed or stopped, and another one takes
//! over.
//!
//! Until then some or all sessions are unavailable, and no user gets the session of another. Then
//! everything is as before. (Changes that a primary acknowledged and did not replicate are lost
//! with it, so these tests wait until it has replicated all of them.)

use tower_auth::Clock;
use tower_auth_fixtures::server::{Redis, RedisCluster, RedisSentinels};
use tower_auth_redis::RedisStore;

use crate::faults::{Before, records};
use crate::node::{Node, TIMEOUT};
use crate::until::until;

/// Returns whether each replica of this primary has acknowledged all changes.
fn has_passed_on(primary: &Redis) -> bool {
    let told = primary.cli(&["INFO", "replication"]);
    let value =
        |line: &str, name: &str| Some(line.split_once(name)?.1.split(',').next()?.to_owned());
    let offset = told.lines().find_map(|line| value(line.trim_end(), "master_repl_offset:"));
    let mut replicas = told.lines().filter_map(|line| value(line.trim_end(), ",offset="));
    offset.is_some() && replicas.next() == offset && replicas.all(|it| Some(it) == offset)
}

async fn behind_sentinels(fault: impl Fn(&mut Redis), over: impl Fn(&mut Redis)) {
    let mut servers = RedisSentinels::start();
    let store = RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
    let it = Before::new(Node::new(store.timeout(TIMEOUT).build().await.unwrap())).await;
    let old = servers.primary();
    let node: &Redis = servers.node(old);
    until("all changes are replicated", async || has_passed_on(node)).await;
    let had = records(node);
    fault(servers.node(old));
    it.is_felt().await;
    it.is_only_unavailable().await;
    let new = servers.wait_for_switch(old);
    assert!(records(servers.node(new)).is_superset(&had));
    // The old primary is a replica now, whatever its own state says.
    over(servers.node(old));
    it.is_well().await;
}

#[tokio::test]
async fn a_sentinels_primary_that_is_killed() {
    behind_sentinels(Redis::kill, Redis::restart).await;
}

#[tokio::test]
async fn a_sentinels_primary_that_is_stopped() {
    behind_sentinels(|it| it.pause(), |it| it.resume()).await;
}

#[tokio::test]
async fn a_clusters_primary_that_is_killed() {
    let mut servers = RedisCluster::start();
    let store = RedisStore::cluster(servers.urls(), Clock::system());
    let it = Before::new(Node::new(store.timeout(TIMEOUT).build().await.unwrap())).await;
    let mut most = (0, 0);
    for port in servers.primaries() {
        let node: &Redis = servers.node(port);
        until("all changes are replicated", async || has_passed_on(node)).await;
        most = most.max((node.cli(&["KEYS", "ta:1.*"]).lines().count(), port));
    }
    // The primary with the most records holds a session.
    let (_, old) = most;
    servers.node(old).kill();
    until("another primary takes over", async || {
        it.is_only_unavailable().await;
        servers.primaries().len() == 3
    })
    .await;
    it.is_only_unavailable().await;
    servers.node(old).restart();
    it.is_well().await;
}
