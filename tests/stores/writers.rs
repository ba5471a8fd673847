//! Concurrent writers of one session: on one node they take turns, on two nodes no write is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::StatusCode;
use tokio::task::JoinSet;
use tower_auth::Clock;
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;

use crate::node::Node;
use crate::until::PATIENCE;

/// The number of writes of each task.
const WRITES: usize = 50;

async fn node(redis: &Redis) -> Arc<Node> {
    let store = RedisStore::node(redis.url(), Clock::system()).timeout(PATIENCE).build();
    Arc::new(Node::new(store.await.unwrap()))
}

/// Runs `tasks` writers on the nodes in turn. Returns the number of writes that were refused as
/// busy, and asserts that every other write was counted.
async fn refused(nodes: &[Arc<Node>], tasks: usize) -> usize {
    let cookie: Arc<str> = nodes[0].login("alice").await.into();
    let busy = Arc::new(AtomicUsize::new(0));
    let mut writers = JoinSet::new();
    for task in 0..tasks {
        let (node, cookie) = (nodes[task % nodes.len()].clone(), cookie.clone());
        let busy = busy.clone();
        writers.spawn(async move {
            for _ in 0..WRITES {
                match node.post("/count", &cookie).await.status {
                    StatusCode::OK => {}
                    StatusCode::SERVICE_UNAVAILABLE => {
                        busy.fetch_add(1, Ordering::Relaxed);
                    }
                    status => panic!("{status}"),
                }
            }
        });
    }
    writers.join_all().await;
    let busy = busy.load(Ordering::Relaxed);
    nodes[0].get("/guarded", &cookie).await.is(&format!("alice {}", tasks * WRITES - busy));
    busy
}

#[tokio::test(flavor = "multi_thread")]
async fn se_18_on_one_node_no_writer_is_turned_away() {
    let redis = Redis::start();
    let node = [node(&redis).await];
    for tasks in [2, 4, 16, 64] {
        assert_eq!(refused(&node, tasks).await, 0, "{tasks} tasks");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn se_18_on_two_nodes_what_is_not_refused_is_counted() {
    let redis = Redis::start();
    let nodes = [node(&redis).await, node(&redis).await];
    for tasks in [2, 4, 16, 64] {
        let busy = refused(&nodes, tasks).await;
        println!("two nodes, {tasks} tasks: {busy} of {} were refused", tasks * WRITES);
    }
}
