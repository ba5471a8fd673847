//! Tests in which the primaries change during traffic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tower_auth_core::Clock;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, ListParams, Load, Record, Store, StoreErrorKind, Version, Write,
};
use tower_auth_fixtures::server::{RedisCluster, RedisSentinels};
use tower_auth_redis::{RedisStore, redis as driver};

use crate::fixture::{
    PATIENCE, build, create, done, is_found, key, owned, owner, record, run, until,
};

/// Tasks that each count in one record, and must not lose an acknowledged count.
struct Traffic {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<[AtomicU32]>,
    tasks: Vec<tokio::task::JoinHandle<u32>>,
}

fn counted(count: u32) -> Record {
    Record { data: count.to_be_bytes().to_vec().into(), data_is_json: false, ..owned() }
}

fn count_of(record: &Record) -> u32 {
    u32::from_be_bytes(record.data[..].try_into().unwrap())
}

impl Traffic {
    async fn start(store: &RedisStore, tasks: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged: Arc<[AtomicU32]> = (0..tasks).map(|_| AtomicU32::new(0)).collect();
        let mut running = Vec::new();
        for number in 0..tasks {
            create(store, &key(number), &counted(0)).await;
            let (store, stop, acknowledged) = (store.clone(), stop.clone(), acknowledged.clone());
            running.push(tokio::spawn(async move {
                let mut failed = 0;
                while !stop.load(Ordering::SeqCst) {
                    match count(&store, number).await {
                        Ok(Some(count)) => {
                            acknowledged[number as usize].store(count, Ordering::SeqCst);
                        }
                        Ok(None) => {}
                        Err(error) => {
                            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                            let why = std::error::Error::source(&error);
                            eprintln!("a step failed: {}", why.expect("the error has a cause"));
                            failed += 1;
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                    }
                }
                failed
            }));
        }
        Self { stop, acknowledged, tasks: running }
    }

    /// Waits until each record is counted up from its present value.
    async fn goes_on(&self) {
        let now = |it: &AtomicU32| it.load(Ordering::SeqCst);
        let before: Vec<_> = self.acknowledged.iter().map(now).collect();
        let start = Instant::now();
        while self.acknowledged.iter().zip(&before).any(|(it, before)| now(it) < before + 2) {
            assert!(start.elapsed() < PATIENCE, "the counting does not continue");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn stop(self) -> (Vec<u32>, u32) {
        self.stop.store(true, Ordering::SeqCst);
        let mut failed = 0;
        for task in self.tasks {
            failed += task.await.unwrap();
        }
        (self.acknowledged.iter().map(|it| it.load(Ordering::SeqCst)).collect(), failed)
    }
}

/// Counts up by one. Returns the acknowledged count.
async fn count(
    store: &RedisStore,
    number: u32,
) -> Result<Option<u32>, tower_auth_core::store::StoreError> {
    let Load::Found(stored) = store.load(&key(number)).await? else {
        panic!("the record is gone");
    };
    let next = count_of(&stored.record) + 1;
    match store.save(&key(number), stored.version, &counted(next)).await? {
        Write::Done(_) => Ok(Some(next)),
        // No other task writes the record, so the previous save succeeded although its answer was
        // lost.
        Write::Conflict => Ok(None),
        Write::Ended(reason) => panic!("unexpected end: {reason:?}"),
    }
}

#[test]
fn sentinels_move_the_primary_during_traffic() {
    run(async {
        let mut servers = RedisSentinels::start();
        let builder = RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
        let store = build(builder).await;
        let traffic = Traffic::start(&store, 8).await;
        traffic.goes_on().await;
        let first = servers.primary();
        // An orderly fail-over: the old primary continues as a replica.
        let second = servers.fail_over();
        assert_ne!(first, second);
        let start = Instant::now();
        traffic.goes_on().await;
        eprintln!("fail-over asked for: everybody went on after {:?}", start.elapsed());
        let (acknowledged, failed) = traffic.stop().await;
        eprintln!("{failed} steps failed, {} were done", acknowledged.iter().sum::<u32>());
        // A requested fail-over waits for the replica, so no acknowledged write is lost. (A primary
        // that dies loses the writes that it did not replicate.)
        let third = {
            servers.node(second).kill();
            servers.wait_for_switch(second)
        };
        assert_ne!(second, third);
        let (_, took) = until(async || store.load(&key(0)).await).await;
        eprintln!("killed: the first success came {took:?} after the switch");
        let _ = until(async || store.create(&key(100), &owned()).await).await;
        assert!(is_found(&store, &key(100)).await);
    });
}

#[test]
fn slots_move_during_traffic() {
    run(async {
        // Nodes that share two cores with other work are slow. They must not consider each other
        // dead, because then some slots would have no primary for a while.
        let cluster = RedisCluster::with(&["--cluster-node-timeout", "30000"]);
        let patient = Duration::from_secs(30);
        let builder = RedisStore::cluster(cluster.urls(), Clock::system()).timeout(patient);
        let store = build(builder).await;
        let traffic = Traffic::start(&store, 24).await;
        traffic.goes_on().await;
        let [one, two, three] = cluster.primaries()[..] else { panic!("three primaries") };
        let moving = tokio::task::spawn_blocking(move || {
            cluster.move_slots(one, two, 2000);
            cluster.move_slots(two, three, 4000);
            cluster.move_slots(three, one, 3000);
            cluster
        });
        let _cluster = moving.await.unwrap();
        traffic.goes_on().await;
        let (acknowledged, failed) = traffic.stop().await;
        assert_eq!(failed, 0, "a moving slot is not an error");
        for (number, acknowledged) in acknowledged.iter().enumerate() {
            let Ok(Load::Found(stored)) = store.load(&key(number as u32)).await else {
                panic!("a record was lost")
            };
            assert!(count_of(&stored.record) >= *acknowledged, "a save was lost");
        }
        let page = store.list(ListParams::new(owner(), 100)).await.unwrap();
        assert_eq!(page.entries.len(), 24);
        let kick = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, PATIENCE)).await;
        assert_eq!(kick.unwrap(), 24);
    });
}

#[test]
fn a_cluster_loses_a_primary_during_traffic() {
    run(async {
        let mut cluster = RedisCluster::start();
        let store = build(RedisStore::cluster(cluster.urls(), Clock::system())).await;
        for number in 0..24 {
            create(&store, &key(number), &owned()).await;
        }
        // Waits until the primaries have replicated their data.
        for port in cluster.primaries() {
            assert_eq!(cluster.node(port).cli(&["WAIT", "1", "10000"]), "1");
        }
        let primary = cluster.primaries()[0];
        cluster.node(primary).kill();
        let start = Instant::now();
        for number in 0..24 {
            until(async || store.load(&key(number)).await).await;
            assert!(is_found(&store, &key(number)).await, "a record was lost");
            until(async || store.touch(&key(number), Clock::system().now()).await).await;
        }
        eprintln!("a primary killed: all slots answered after {:?}", start.elapsed());
        cluster.node(primary).restart();
        assert_eq!(store.list(ListParams::new(owner(), 100)).await.unwrap().entries.len(), 24);
        let version = create(&store, &key(50), &record()).await;
        done(store.save(&key(50), version, &record()).await.unwrap());
        let old = store.save(&key(50), Version::from_raw(1), &record()).await.unwrap();
        assert_eq!(old, Write::Conflict);
    });
}

#[test]
fn no_confirmed_end_comes_back() {
    const RECORDS: u32 = 2_000;

    run(async {
        let mut servers = RedisSentinels::start();
        let builder = RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
        let store = build(builder.confirm_ends(1, Duration::from_secs(1))).await;
        for number in 0..RECORDS {
            create(&store, &key(number), &record()).await;
        }
        let ending = tokio::spawn({
            let store = store.clone();
            async move {
                let mut confirmed = Vec::new();
                for number in 0..RECORDS {
                    match store.end(&key(number), EndReason::LoggedOut, PATIENCE * 20).await {
                        Ok(()) => confirmed.push(number),
                        Err(_) if !confirmed.is_empty() => break,
                        Err(error) => panic!("the first end is not confirmed: {error:?}"),
                    }
                }
                confirmed
            }
        });
        let start = Instant::now();
        while !matches!(store.load(&key(20)).await, Ok(Load::Ended { .. })) {
            assert!(start.elapsed() < PATIENCE, "no end was applied");
        }
        let primary = servers.primary();
        servers.node(primary).kill();
        let confirmed = ending.await.unwrap();
        servers.wait_for_switch(primary);
        until(async || store.load(&key(0)).await).await;
        for number in &confirmed {
            let load = store.load(&key(*number)).await;
            assert!(
                matches!(load, Ok(Load::Ended { reason: EndReason::LoggedOut, .. })),
                "{number} came back"
            );
        }
        let all = confirmed.len() as u32 == RECORDS;
        eprintln!(
            "{} confirmed ends stayed ends{}",
            confirmed.len(),
            if all { " (all)" } else { "" }
        );
    });
}

/// The old primary would take writes for up to a second if the store only relied on its own queries.
#[test]
fn a_sentinel_tells_of_the_switch_without_being_asked() {
    run(async {
        let mut servers = RedisSentinels::start();
        let all = servers.sentinels();
        let all_say = async |words: &[&str]| {
            let mut said = Vec::new();
            for port in &all {
                let client = driver::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
                let mut sentinel = client.get_multiplexed_async_connection().await.unwrap();
                let command = driver::cmd(words[0]).arg(&words[1..]).to_owned();
                said.push(command.query_async::<driver::Value>(&mut sentinel).await.unwrap());
            }
            said
        };
        let rights = ["ACL", "SETUSER", "store", "on", ">secret", "allchannels", "+@all"];
        all_say(&rights).await;
        let urls = all.iter().map(|port| format!("redis://store:secret@127.0.0.1:{port}"));
        let builder = RedisStore::sentinel(urls, RedisSentinels::NAME, Clock::system());
        let store = build(builder.login(driver::RedisConnectionInfo::default())).await;
        create(&store, &key(1), &record()).await;
        let listens = |clients: driver::Value| {
            let clients = driver::from_redis_value::<String>(clients).unwrap();
            clients.lines().any(|it| it.contains(" sub=1 ") && it.contains(" user=store "))
        };
        let start = Instant::now();
        while !all_say(&["CLIENT", "LIST"]).await.into_iter().all(listens) {
            assert!(start.elapsed() < PATIENCE, "the store does not listen");
        }
        // From now on the Sentinels do not answer the store's queries.
        all_say(&["ACL", "SETUSER", "store", "-sentinel|get-master-addr-by-name"]).await;
        let new = servers.fail_over();
        let start = Instant::now();
        for number in 2.. {
            let its = key(number);
            let _ = store.create(&its, &record()).await;
            if servers.node(new).cli(&["EXISTS", &format!("ta:{its}")]) == "1" {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "the store still uses the old primary");
        }
        eprintln!("told of the switch: writes went there after {:?}", start.elapsed());
        assert!(is_found(&store, &key(1)).await);
    });
}

#[test]
fn a_primary_that_wakes_up_demoted_is_not_believed() {
    run(async {
        let mut servers = RedisSentinels::start();
        let builder = RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
        let store = build(builder).await;
        let version = create(&store, &key(1), &record()).await;
        let old = servers.primary();
        assert_eq!(servers.node(old).cli(&["WAIT", "2", "10000"]), "2");
        servers.node(old).pause();
        servers.wait_for_switch(old);
        let (_, took) = until(async || store.load(&key(1)).await).await;
        eprintln!("stopped: the first success came {took:?} after the switch");
        let (saved, _) = until(async || store.save(&key(1), version, &record()).await).await;
        let newer = done(saved);
        // The old primary has an older record, and considers itself the primary until it is told
        // otherwise.
        servers.node(old).resume();
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3) {
            if let Ok(load) = store.load(&key(1)).await {
                let Load::Found(stored) = load else { panic!("the record is lost") };
                assert_eq!(stored.version, newer, "the old primary was asked");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(is_found(&store, &key(1)).await);
    });
}

/// A primary that the other nodes cannot reach keeps its old view, and considers the Cluster down.
#[test]
fn who_is_cut_off_from_the_cluster_does_not_say_where_slots_are() {
    run(async {
        let mut cluster = RedisCluster::start();
        let mut stores = Vec::new();
        // Each store asks the servers in its own order.
        for _ in 0..8 {
            stores.push(build(RedisStore::cluster(cluster.urls(), Clock::system())).await);
        }
        let [lost, other, ..] = cluster.primaries()[..] else { panic!("three") };
        let keys: Vec<_> = (0..60).map(key).collect();
        let other = cluster.node(other);
        let its = |name: &str| other.cli(&["GET", name]).ends_with(&format!(":{lost}"));
        let (lost_keys, others): (Vec<_>, Vec<_>) =
            keys.into_iter().partition(|key| its(&format!("ta:{key}")));
        let node = cluster.node(lost);
        for line in node.cli(&["CLUSTER", "NODES"]).lines().filter(|it| !it.contains("myself")) {
            let id = line.split(' ').next().unwrap();
            assert_eq!(node.cli(&["CLUSTER", "FORGET", id]), "OK");
        }
        let start = Instant::now();
        while !node.cli(&["CLUSTER", "INFO"]).contains("cluster_state:fail") {
            assert!(start.elapsed() < PATIENCE, "the node considers the Cluster healthy");
        }
        for _ in 0..10 {
            for store in &stores {
                // A failure makes the store refresh its map.
                assert!(store.load(&lost_keys[0]).await.is_err());
                for key in &others {
                    let load = store.load(key).await;
                    assert!(matches!(load, Ok(Load::Absent)), "{:?}", load.err());
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}
