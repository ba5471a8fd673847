//! Tests that no kick is missed while the feed breaks repeatedly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{EndReason, Key, Store};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{Redis, RedisCluster};
use tower_auth_redis::RedisStore;

use crate::feed::{Log, Notification};
use crate::fixture::{build, key, node, run};

/// A kick, and the time of its acknowledgement.
struct Kick {
    key: Key,
    acknowledged: Duration,
}

/// Kicks one record after the other while `fault` breaks the feed repeatedly. For each kick, the
/// feed must report the key or a loss before it answers a later query.
async fn nothing_is_missed(writer: RedisStore, reader: RedisStore, mut fault: impl FnMut(u32)) {
    let log = Log::follow(&reader).await;
    let stop = Arc::new(AtomicBool::new(false));
    let kicking = tokio::spawn({
        let (log, stop) = (log.clone(), stop.clone());
        async move {
            let mut kicks = Vec::new();
            for number in 0.. {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let key = key(number);
                // The log from this position on also concerns this kick.
                let position = log.told.lock().unwrap().len();
                if writer.end(&key, EndReason::Kicked, Duration::from_secs(600)).await.is_ok() {
                    kicks.push((position, Kick { key, acknowledged: log.now() }));
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            kicks
        }
    });
    for turn in 0..12 {
        tokio::task::block_in_place(|| fault(turn));
        log.is_answered().await;
    }
    stop.store(true, Ordering::SeqCst);
    let kicks = kicking.await.unwrap();
    log.is_answered().await;
    let told = log.told.lock().unwrap();
    let (mut by_name, mut by_loss) = (0, 0);
    for (position, kick) in &kicks {
        let mut since = told[*position..].iter();
        let first = since.find(|it| match it {
            Notification::Changed(key) => *key == kick.key,
            Notification::Lost => true,
            Notification::Answered { asked } => *asked > kick.acknowledged,
        });
        match first {
            Some(Notification::Changed(_)) => by_name += 1,
            Some(Notification::Lost) => by_loss += 1,
            other => panic!("a kick was missed: {other:?}"),
        }
    }
    eprintln!(
        "{} kicks: {by_name} were told by name, {by_loss} by the loss of the feed",
        kicks.len()
    );
    assert!(by_name > 0 && by_loss > 0, "the test covered only one case");
}

#[test]
fn no_kick_is_missed_on_a_node() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let reader = node(format!("redis://127.0.0.1:{}", proxy.port())).await;
        let writer = node(redis.url()).await;
        nothing_is_missed(writer, reader, |turn| match turn % 4 {
            0 => proxy.cut(),
            1 => {
                proxy.black_hole(true);
                std::thread::sleep(Duration::from_millis(700));
                proxy.black_hole(false);
            }
            2 => {
                proxy.black_hole(true);
                std::thread::sleep(Duration::from_millis(2500));
                proxy.black_hole(false);
            }
            _ => {
                redis.pause();
                std::thread::sleep(Duration::from_millis(2500));
                redis.resume();
            }
        })
        .await;
    });
}

#[test]
fn no_kick_is_missed_in_a_cluster() {
    run(async {
        let mut cluster = RedisCluster::start();
        let builder = || RedisStore::cluster(cluster.urls(), Clock::system());
        let (writer, reader) = (build(builder()).await, build(builder()).await);
        nothing_is_missed(writer, reader, |turn| {
            let primaries = cluster.primaries();
            let port = primaries[turn as usize % primaries.len()];
            let node = cluster.node(port);
            if turn % 3 == 0 {
                node.pause();
                std::thread::sleep(Duration::from_millis(1200));
                node.resume();
            } else {
                let _ = node.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
            }
        })
        .await;
    });
}
