//! Tests of the feed: which changes it reports, and when it answers no query.

use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use tower_auth_core::Clock;
use tower_auth_core::store::{Asked, EndReason, Feed, Key, Listener, Store, StoreError};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{Redis, RedisCluster, RedisSentinels};
use tower_auth_redis::{RedisStore, redis};

use crate::fixture::{PATIENCE, build, create, done, key, node, owned, record, run, until};

/// A report to a listener.
#[derive(Debug)]
pub(crate) enum Notification {
    Changed(Key),
    Lost,
    Answered { asked: Duration },
}

pub(crate) struct Log {
    start: Instant,
    pub(crate) told: Mutex<Vec<Notification>>,
}

impl Listener for Log {
    fn changed(&self, key: &Key) {
        self.told.lock().unwrap().push(Notification::Changed(*key));
    }

    fn lost(&self) {
        self.told.lock().unwrap().push(Notification::Lost);
    }

    fn asks(&self) -> Asked {
        Asked::at(self.start.elapsed().as_micros() as u64)
    }

    fn answered(&self, asked: Asked) {
        let asked = Duration::from_micros(asked.reading());
        self.told.lock().unwrap().push(Notification::Answered { asked });
    }
}

impl Log {
    pub(crate) async fn follow(store: &RedisStore) -> Arc<Self> {
        let log = Arc::new(Self { start: Instant::now(), told: Mutex::default() });
        let listener: Weak<dyn Listener> = Arc::<Self>::downgrade(&log);
        store.feed().follow(listener);
        log.is_answered().await;
        log
    }

    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    async fn waits_for(&self, what: impl Fn(&Notification) -> bool) {
        let start = Instant::now();
        while !self.told.lock().unwrap().iter().any(&what) {
            assert!(start.elapsed() < PATIENCE, "not reported: {:?}", self.told.lock().unwrap());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits for the answer to a query that is sent from now on.
    pub(crate) async fn is_answered(&self) {
        let from = self.now();
        self.waits_for(|it| matches!(it, Notification::Answered { asked } if *asked >= from)).await;
    }

    pub(crate) async fn is_told_of(&self, its: Key) {
        self.waits_for(|it| matches!(it, Notification::Changed(key) if *key == its)).await;
    }

    fn forget(&self) {
        self.told.lock().unwrap().clear();
    }

    /// Asserts that no query sent after `moment` was answered.
    fn is_silent_after(&self, moment: Duration) {
        let told = self.told.lock().unwrap();
        let answered =
            told.iter().any(|it| matches!(it, Notification::Answered { asked } if *asked > moment));
        assert!(!answered, "a dead feed answered: {told:?}");
    }
}

/// The feed reports each change to a record, by any step, and no change to an index.
async fn everything_is_told(writer: &RedisStore, log: &Log) {
    for number in 0..30 {
        let its = key(number);
        log.forget();
        let version = create(writer, &its, &record()).await;
        log.is_told_of(its).await;
        log.forget();
        done(writer.save(&its, version, &owned()).await.unwrap());
        log.is_told_of(its).await;
        log.forget();
        writer.touch(&its, Clock::system().now()).await.unwrap();
        log.is_told_of(its).await;
        log.forget();
        writer.end(&its, EndReason::Kicked, Duration::ZERO).await.unwrap();
        log.is_told_of(its).await;
        let told = log.told.lock().unwrap();
        let others = told.iter().any(|it| matches!(it, Notification::Changed(key) if *key != its));
        assert!(!others, "an unchanged key was reported: {told:?}");
    }
}

#[test]
fn changes_of_others_are_told_on_a_node() {
    run(async {
        let redis = Redis::start();
        let (writer, reader) = (node(redis.url()).await, node(redis.url()).await);
        let log = Log::follow(&reader).await;
        everything_is_told(&writer, &log).await;
        // The feed does not report keys of another prefix.
        let other = build(RedisStore::node(redis.url(), Clock::system()).key_prefix("x:")).await;
        log.forget();
        create(&other, &key(1), &record()).await;
        create(&writer, &key(2), &record()).await;
        log.waits_for(|it| matches!(it, Notification::Changed(its) if *its == key(2))).await;
        let told = log.told.lock().unwrap();
        assert!(!told.iter().any(|it| matches!(it, Notification::Changed(its) if *its == key(1))));
    });
}

#[test]
fn a_flushed_server_is_told_as_lost() {
    run(async {
        let redis = Redis::start();
        let store = node(redis.url()).await;
        create(&store, &key(1), &record()).await;
        let log = Log::follow(&store).await;
        log.forget();
        assert_eq!(redis.cli(&["FLUSHALL"]), "OK");
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
    });
}

#[test]
fn a_killed_server_is_lost_at_once_and_followed_again() {
    run(async {
        let mut redis = Redis::start();
        let store = node(redis.url()).await;
        let log = Log::follow(&store).await;
        log.forget();
        redis.kill();
        let dead = log.now();
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        log.is_silent_after(dead);
        redis.restart();
        log.is_answered().await;
        until(async || store.load(&key(1)).await).await;
        everything_is_told(&store, &log).await;
    });
}

#[test]
fn a_stopped_server_answers_nothing_and_is_lost() {
    run(async {
        let redis = Redis::start();
        let store = node(redis.url()).await;
        let log = Log::follow(&store).await;
        log.forget();
        redis.pause();
        let stopped = log.now();
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        log.is_silent_after(stopped);
        redis.resume();
        log.is_answered().await;
        until(async || store.load(&key(1)).await).await;
        everything_is_told(&store, &log).await;
    });
}

#[test]
fn a_feed_that_goes_into_a_black_hole_is_lost() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let reader = node(format!("redis://127.0.0.1:{}", proxy.port())).await;
        let writer = node(redis.url()).await;
        let log = Log::follow(&reader).await;
        log.forget();
        proxy.black_hole(true);
        let gone = log.now();
        // A change that the feed cannot see.
        create(&writer, &key(1000), &record()).await;
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        log.is_silent_after(gone);
        let told = log.told.lock().unwrap().iter().any(|it| matches!(it, Notification::Changed(_)));
        assert!(!told, "the black hole let a report through");
        proxy.black_hole(false);
        log.is_answered().await;
        everything_is_told(&writer, &log).await;
    });
}

#[test]
fn a_cut_feed_is_lost_at_once() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let reader = node(format!("redis://127.0.0.1:{}", proxy.port())).await;
        let writer = node(redis.url()).await;
        let log = Log::follow(&reader).await;
        for _ in 0..5 {
            log.forget();
            proxy.cut();
            log.waits_for(|it| matches!(it, Notification::Lost)).await;
            log.is_answered().await;
        }
        everything_is_told(&writer, &log).await;
    });
}

#[test]
fn a_demoted_server_gives_no_sign_of_life() {
    run(async {
        let (redis, other) = (Redis::start(), Redis::start());
        let store = node(redis.url()).await;
        let log = Log::follow(&store).await;
        log.forget();
        let port = other.port().to_string();
        assert_eq!(redis.cli(&["REPLICAOF", "127.0.0.1", &port]), "OK");
        let demoted = log.now();
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        log.is_silent_after(demoted);
        assert_eq!(redis.cli(&["REPLICAOF", "NO", "ONE"]), "OK");
        log.is_answered().await;
    });
}

#[test]
fn sentinels_that_name_another_move_the_feed() {
    run(async {
        let mut servers = RedisSentinels::start();
        let builder =
            || RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
        let (writer, reader) = (build(builder()).await, build(builder()).await);
        let log = Log::follow(&reader).await;
        everything_is_told(&writer, &log).await;
        log.forget();
        let old = servers.primary();
        servers.fail_over();
        // Until the old primary is demoted, it takes writes as before, which are then lost.
        // Sentinel guarantees no more.
        let _ = until(async || match &*servers.node(old).cli(&["ROLE"]) {
            role if role.starts_with("slave") => Ok(()),
            _ => Err(StoreError::unavailable("still a primary")),
        })
        .await;
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        log.is_answered().await;
        let _ = until(async || writer.create(&key(1000), &record()).await).await;
        everything_is_told(&writer, &log).await;
        let primary = servers.primary();
        log.forget();
        servers.node(primary).kill();
        let dead = log.now();
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        log.is_silent_after(dead);
        servers.wait_for_switch(primary);
        log.is_answered().await;
        until(async || writer.load(&key(1)).await).await;
        everything_is_told(&writer, &log).await;
    });
}

/// The old primary was cut off from the Sentinels but not from the store, for example. It still
/// considers itself the primary, while other clients already write to the new one.
#[test]
fn of_two_primaries_only_the_one_that_is_named_gives_signs_of_life() {
    run(async {
        let (servers, other) = (RedisSentinels::start(), Redis::start());
        let builder = RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
        let store = build(builder).await;
        let log = Log::follow(&store).await;
        for sentinel in servers.urls() {
            let client = redis::Client::open(sentinel).unwrap();
            let mut sentinel = client.get_multiplexed_async_connection().await.unwrap();
            let mut tell = redis::cmd("SENTINEL");
            tell.arg("REMOVE").arg(RedisSentinels::NAME);
            tell.exec_async(&mut sentinel).await.unwrap();
            let mut tell = redis::cmd("SENTINEL");
            tell.arg("MONITOR").arg(RedisSentinels::NAME).arg("127.0.0.1").arg(other.port());
            tell.arg(2).exec_async(&mut sentinel).await.unwrap();
        }
        log.forget();
        let named = log.now();
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        log.is_answered().await;
        {
            let told = log.told.lock().unwrap();
            let first = told.iter().find(|it| match it {
                Notification::Answered { asked } => *asked > named,
                Notification::Lost => true,
                Notification::Changed(_) => false,
            });
            assert!(
                matches!(first, Some(Notification::Lost)),
                "a server that is not named answered: {told:?}"
            );
        }
        create(&store, &key(1), &record()).await;
        assert_eq!(other.cli(&["DBSIZE"]), "1");
    });
}

#[test]
fn a_cluster_gives_a_sign_of_life_only_as_a_whole() {
    run(async {
        let mut cluster = RedisCluster::start();
        let builder = || RedisStore::cluster(cluster.urls(), Clock::system());
        let (writer, reader) = (build(builder()).await, build(builder()).await);
        let log = Log::follow(&reader).await;
        everything_is_told(&writer, &log).await;
        let primary = cluster.primaries()[0];
        log.forget();
        cluster.node(primary).kill();
        let dead = log.now();
        log.waits_for(|it| matches!(it, Notification::Lost)).await;
        // Its slots have no primary until its replica takes over. Then the feed is complete again.
        log.is_answered().await;
        let living = cluster.primaries();
        assert_eq!(living.len(), 3, "the old primary returned before its replica took over");
        log.is_answered().await;
        assert!(log.now() > dead);
        for number in 0..30 {
            until(async || writer.load(&key(number)).await).await;
        }
        everything_is_told(&writer, &log).await;
        // The feed follows slots to their new servers.
        let [one, two, ..] = living[..] else { panic!("three") };
        let moved = tokio::task::spawn_blocking(move || {
            cluster.move_slots(one, two, 3000);
            cluster
        });
        let _cluster = moved.await.unwrap();
        everything_is_told(&writer, &log).await;
        log.is_answered().await;
    });
}

#[test]
fn no_one_is_told_any_more_once_the_listener_is_gone() {
    run(async {
        let redis = Redis::start();
        let store = node(redis.url()).await;
        let clients =
            || redis.cli(&["CLIENT", "LIST"]).lines().filter(|it| it.contains("flags=tB")).count();
        let log = Log::follow(&store).await;
        assert_eq!(clients(), 1);
        drop(log);
        let start = Instant::now();
        while clients() > 0 {
            assert!(start.elapsed() < PATIENCE, "the connection is still open");
        }
    });
}
