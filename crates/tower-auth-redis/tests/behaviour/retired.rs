//! Tests that one list loads an ended record, and that every kick finds it.

use std::time::Duration;

use tower_auth_core::store::{EndOwnedParams, EndReason, Key, ListParams, Record, Store};
use tower_auth_core::{Clock, Timestamp};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{Redis, RedisCluster};
use tower_auth_redis::{RedisStore, redis as driver};
use tower_auth_test::TestClock;

use crate::commands::rounds;
use crate::fixture::{build, create, done, key, owned, owner, patient, run};

const HOUR: Duration = Duration::from_secs(3600);

async fn listed(store: &RedisStore) -> Vec<Key> {
    let (mut listed, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.list(ListParams::new(owner(), 10).cursor(cursor.clone())).await.unwrap();
        listed.extend(page.entries.iter().map(|it| it.key));
        cursor = page.next;
        if cursor.is_none() {
            return listed;
        }
    }
}

async fn kick(store: &RedisStore) -> usize {
    store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, HOUR)).await.unwrap()
}

/// Reads and writes a server's values on a separate connection.
struct Raw(driver::aio::MultiplexedConnection);

impl Raw {
    async fn of(redis: &Redis) -> Self {
        let client = driver::Client::open(redis.url()).unwrap();
        Self(client.get_multiplexed_async_connection().await.unwrap())
    }

    async fn get(&mut self, key: Key) -> Vec<u8> {
        driver::cmd("GET").arg(format!("ta:{key}")).query_async(&mut self.0).await.unwrap()
    }

    async fn set(&mut self, key: Key, value: &[u8]) {
        let mut set = driver::cmd("SET");
        set.arg(format!("ta:{key}")).arg(value);
        set.query_async(&mut self.0).await.unwrap()
    }
}

fn its(time: &TestClock) -> Record {
    let now = time.now();
    Record { created: now, last: now, idle: HOUR, absolute: now + HOUR * 4, ..owned() }
}

#[test]
fn a_list_looks_once_at_what_has_ended_and_a_kick_each_time() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let time = TestClock::new();
        let url = format!("redis://127.0.0.1:{}", proxy.port());
        let store = patient(RedisStore::node(url, time.clock())).await;
        for number in 0..200 {
            create(&store, &key(number), &its(&time)).await;
        }
        assert_eq!(kick(&store).await, 200);
        assert!(listed(&store).await.is_empty());
        let _ = proxy.take();
        assert!(listed(&store).await.is_empty());
        assert_eq!(rounds(&proxy), [["ZRANGE"]]);
        // A live record among the retired ones is found at no extra cost.
        create(&store, &key(200), &its(&time)).await;
        let _ = proxy.take();
        assert_eq!(listed(&store).await, [key(200)]);
        assert_eq!(rounds(&proxy), [["ZRANGE"], ["GET"]]);
        // Replicas may have to confirm earlier ends, so a kick includes them.
        assert_eq!(kick(&store).await, 1);
        assert_eq!(rounds(&proxy).concat().iter().filter(|it| *it == "EVALSHA").count(), 201);
        // Retired entries are removed by age, like all others.
        time.advance(HOUR * 30);
        create(&store, &key(300), &its(&time)).await;
        assert_eq!(redis.cli(&["ZCARD", &redis.cli(&["KEYS", "ta:o.*"])]), "1");
    });
}

#[test]
fn an_end_that_is_undone_is_kicked_and_listed_from_the_next_save_on() {
    run(async {
        let redis = Redis::start();
        let mut raw = Raw::of(&redis).await;
        let time = TestClock::new();
        let node = || patient(RedisStore::node(redis.url(), time.clock()));
        let store = node().await;
        let version = create(&store, &key(1), &its(&time)).await;
        let record = raw.get(key(1)).await;
        store.end(&key(1), EndReason::LoggedOut, HOUR).await.unwrap();
        assert!(listed(&store).await.is_empty());
        raw.set(key(1), &record).await;
        // After a fail-over each process has new connections.
        done(node().await.save(&key(1), version, &its(&time)).await.unwrap());
        assert_eq!(listed(&store).await, [key(1)]);
        let record = raw.get(key(1)).await;
        store.end(&key(1), EndReason::LoggedOut, HOUR).await.unwrap();
        assert!(listed(&store).await.is_empty());
        raw.set(key(1), &record).await;
        assert_eq!(kick(&store).await, 1, "the live record was not found");
    });
}

#[test]
fn in_a_cluster_a_touch_brings_back_what_a_list_left_out() {
    run(async {
        let cluster = RedisCluster::start();
        let store = build(RedisStore::cluster(cluster.urls(), Clock::system())).await;
        create(&store, &key(1), &owned()).await;
        let name = format!("ta:{}", key(1));
        let away = format!("{{{name}}}away");
        assert_eq!(cluster.cli(&["COPY", &name, &away]), "1");
        store.end(&key(1), EndReason::LoggedOut, HOUR).await.unwrap();
        assert!(listed(&store).await.is_empty());
        assert_eq!(cluster.cli(&["COPY", &away, &name, "REPLACE"]), "1");
        let other = build(RedisStore::cluster(cluster.urls(), Clock::system())).await;
        other.touch(&key(1), Clock::system().now()).await.unwrap();
        assert_eq!(listed(&store).await, [key(1)]);
    });
}

/// The entry is written first, and another server may hold the record.
#[test]
fn a_creation_under_way_is_not_left_out_and_one_that_never_came_is() {
    run(async {
        let redis = Redis::start();
        let mut raw = Raw::of(&redis).await;
        let time = TestClock::new();
        let proxy = Proxy::start(redis.port());
        let url = format!("redis://127.0.0.1:{}", proxy.port());
        let store = patient(RedisStore::node(url, time.clock())).await;
        let absence = async |raw: &mut Raw| {
            let record = raw.get(key(1)).await;
            assert_eq!(redis.cli(&["DEL", &format!("ta:{}", key(1))]), "1");
            assert!(listed(&store).await.is_empty());
            record
        };
        create(&store, &key(1), &its(&time)).await;
        let record = absence(&mut raw).await;
        raw.set(key(1), &record).await;
        assert_eq!(listed(&store).await, [key(1)]);
        // The record is created again with an earlier deadline, so the entry keeps its deadline.
        let _ = absence(&mut raw).await;
        time.advance(HOUR * 2);
        let nearer = Record { absolute: time.now() + HOUR, ..its(&time) };
        create(&store, &key(1), &nearer).await;
        let record = absence(&mut raw).await;
        raw.set(key(1), &record).await;
        assert_eq!(listed(&store).await, [key(1)]);
        // After an hour the creation counts as failed.
        time.advance(HOUR);
        assert_eq!(redis.cli(&["DEL", &format!("ta:{}", key(1))]), "1");
        assert!(listed(&store).await.is_empty());
        let _ = proxy.take();
        assert!(listed(&store).await.is_empty());
        assert_eq!(rounds(&proxy), [["ZRANGE"]]);
        create(&store, &key(1), &its(&time)).await;
        assert_eq!(listed(&store).await, [key(1)]);
    });
}

#[test]
fn what_has_expired_by_a_clock_that_is_fast_is_not_left_out() {
    run(async {
        let redis = Redis::start();
        let time = TestClock::new();
        let store = patient(RedisStore::node(redis.url(), time.clock())).await;
        let now = time.now();
        create(&store, &key(1), &its(&time)).await;
        // An expired tombstone counts as nothing: the key may be created again at any moment.
        create(&store, &key(2), &its(&time)).await;
        store.end(&key(2), EndReason::LoggedOut, Duration::ZERO).await.unwrap();
        time.advance(HOUR * 3);
        assert!(listed(&store).await.is_empty());
        time.set(now);
        assert_eq!(listed(&store).await, [key(1)]);
        let index = redis.cli(&["KEYS", "ta:o.*"]);
        assert_eq!(redis.cli(&["ZCOUNT", &index, "-inf", "(0"]), "0");
    });
}

/// A score that is not exact has no space for a minute. The entry still outlives the record.
#[test]
fn an_entry_is_never_nearer_than_the_end_of_its_record() {
    run(async {
        let redis = Redis::start();
        let time = TestClock::new();
        let store = patient(RedisStore::node(redis.url(), time.clock())).await;
        let now = time.now().as_unix_micros();
        let exact = (1 << 53) - (1 << 21);
        let deadlines = [now + 1, exact - 1, exact, 1 << 53, (1 << 53) + 1, 1 << 62, u64::MAX];
        for (number, deadline) in (0..).zip(deadlines) {
            let absolute = Timestamp::from_unix_micros(deadline);
            create(&store, &key(number), &Record { absolute, ..its(&time) }).await;
            let highest = "return redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]";
            let index = redis.cli(&["KEYS", "ta:o.*"]);
            let score: f64 = redis.cli(&["EVAL", highest, "1", &index]).parse().unwrap();
            assert!(score >= deadline as f64, "{score} for {deadline}");
            assert!(score <= deadline as f64 + 3e6, "{score} for {deadline}");
            assert_eq!(listed(&store).await, [key(number)]);
            assert_eq!(kick(&store).await, 1);
            assert!(listed(&store).await.is_empty());
        }
    });
}
