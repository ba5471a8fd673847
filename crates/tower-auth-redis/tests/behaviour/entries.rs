//! Tests that no index entry is lost before its record.

use std::time::{Duration, Instant};

use tower_auth_core::Clock;
use tower_auth_core::store::{EndOwnedParams, EndReason, Key, ListParams, Record, Store};
use tower_auth_fixtures::server::{Redis, RedisCluster};
use tower_auth_redis::RedisStore;
use tower_auth_test::TestClock;

use crate::fixture::{PATIENCE, build, create, done, key, owned, owner, patient, run, until};

async fn listed(store: &RedisStore) -> Vec<Key> {
    let (page, _) = until(async || store.list(ListParams::new(owner(), 100)).await).await;
    page.entries.into_iter().map(|it| it.key).collect()
}

#[test]
fn a_clock_that_is_put_right_by_hours_leaves_no_one_unkickable() {
    const HOUR: Duration = Duration::from_secs(3600);

    run(async {
        let redis = Redis::start();
        let time = TestClock::new();
        let store = patient(RedisStore::node(redis.url(), time.clock())).await;
        time.advance(HOUR * 2);
        let now = time.now();
        let its =
            |now| Record { created: now, last: now, idle: HOUR, absolute: now + HOUR, ..owned() };
        let record = its(now);
        let version = create(&store, &key(1), &record).await;
        // The clock was two hours fast and is corrected, so the record lives two hours longer.
        time.set(TestClock::START);
        done(store.save(&key(1), version, &record).await.unwrap());
        let stays = |name: &str| -> u64 { redis.cli(&["PTTL", name]).parse().expect("a number") };
        let index = redis.cli(&["KEYS", "ta:o.*"]);
        assert!(stays(&index) > stays(&format!("ta:{}", key(1))), "the index expires first");
        // A user logs in while the clock is fast, and then the clock is corrected.
        time.set(now + HOUR * 2);
        create(&store, &key(2), &its(time.now())).await;
        time.set(now);
        assert_eq!(listed(&store).await, [key(1), key(2)]);
    });
}

#[test]
fn a_touch_brings_an_entry_back_that_died_with_its_server() {
    run(async {
        let mut cluster = RedisCluster::start();
        let store = build(RedisStore::cluster(cluster.urls(), Clock::system())).await;
        for number in 0..24 {
            create(&store, &key(number), &owned()).await;
        }
        let ports = cluster.primaries();
        let its = |cluster: &mut RedisCluster, port, names: &str| {
            let names = cluster.node(port).cli(&["KEYS", names]);
            names.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let index = |cluster: &mut RedisCluster| {
            ports.iter().find_map(|port| Some((*port, its(cluster, *port, "ta:o.*").pop()?)))
        };
        let (port, index) = index(&mut cluster).expect("one has the index");
        let with_it = its(&mut cluster, port, "ta:1.*");
        let lives: Vec<_> =
            (0..24).map(key).filter(|it| !with_it.contains(&format!("ta:{it}"))).collect();
        assert!(!lives.is_empty());
        // Simulates an entry that was not replicated before its server failed.
        let node = cluster.node(port);
        assert_eq!(node.cli(&["DEL", &index]), "1");
        assert_eq!(node.cli(&["WAIT", "1", "10000"]), "1");
        node.kill();
        let start = Instant::now();
        loop {
            for key in &lives {
                until(async || store.touch(key, Clock::system().now()).await).await;
            }
            let listed = listed(&store).await;
            if lives.iter().all(|it| listed.contains(it)) {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "live records are not listed");
        }
        let kick = async || {
            store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, PATIENCE)).await
        };
        assert_eq!(until(kick).await.0, lives.len());
    });
}
