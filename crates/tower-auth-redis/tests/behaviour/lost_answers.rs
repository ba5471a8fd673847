//! Tests with connections that break between a command and its answer. No command runs twice, and
//! no answer is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{EndReason, Load, Store, StoreErrorKind, Write};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{Redis, RedisCluster};
use tower_auth_redis::RedisStore;

use crate::fixture::{build, key, node, record, run};

/// Creates, saves and ends each record once while `fault` breaks the connections. Returns the
/// number of failed steps.
async fn nothing_is_done_twice(store: RedisStore, mut fault: impl FnMut(u32)) -> u32 {
    const TASKS: u32 = 16;
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (store, stop, next) = (store.clone(), stop.clone(), next.clone());
            tokio::spawn(async move {
                let mut failed = 0;
                while !stop.load(Ordering::SeqCst) {
                    let its = key(next.fetch_add(1, Ordering::SeqCst));
                    match life(&store, &its).await {
                        Ok(()) => {}
                        Err(error) => {
                            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                            failed += 1;
                        }
                    }
                }
                failed
            })
        })
        .collect();
    for turn in 0..40 {
        tokio::task::block_in_place(|| fault(turn));
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut failed = 0;
    for task in tasks {
        failed += task.await.unwrap();
    }
    eprintln!("{} records, {failed} of them met a fault", next.load(Ordering::SeqCst));
    failed
}

/// Runs the steps of one record. No other task uses the key, so each answer belongs to this very
/// step.
async fn life(
    store: &RedisStore,
    its: &tower_auth_core::store::Key,
) -> Result<(), tower_auth_core::store::StoreError> {
    let Write::Done(created) = store.create(its, &record()).await? else {
        panic!("the creation conflicts with itself")
    };
    let Write::Done(saved) = store.save(its, created, &record()).await? else {
        panic!("the save conflicts with itself")
    };
    assert!(saved > created);
    let Load::Found(stored) = store.load(its).await? else { panic!("the record is lost") };
    assert_eq!(stored.version, saved, "the save ran twice");
    store.end(its, EndReason::LoggedOut, Duration::from_secs(60)).await?;
    assert!(
        matches!(store.load(its).await?, Load::Ended { reason: EndReason::LoggedOut, .. }),
        "the end was undone"
    );
    Ok(())
}

#[test]
fn on_a_node() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = node(format!("redis://127.0.0.1:{}", proxy.port())).await;
        assert!(nothing_is_done_twice(store, |_| proxy.cut()).await > 0, "no step failed");
    });
}

#[test]
fn in_a_cluster() {
    run(async {
        let cluster = RedisCluster::start();
        let store = build(RedisStore::cluster(cluster.urls(), Clock::system())).await;
        let mut cluster = cluster;
        let primaries = cluster.primaries();
        let failed = nothing_is_done_twice(store, |turn| {
            let node = cluster.node(primaries[turn as usize % primaries.len()]);
            let _ = node.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        });
        assert!(failed.await > 0, "no step failed");
    });
}
