//! Tests of ends that replicas confirm.

use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{EndOwnedParams, EndReason, Load, Store, StoreErrorKind};
use tower_auth_fixtures::server::{Redis, RedisCluster};
use tower_auth_redis::RedisStore;

use crate::fixture::{build, create, is_found, key, owned, owner, record, run};

const KEEP: Duration = Duration::from_secs(60);

#[test]
fn an_end_is_confirmed_or_said_not_to_be() {
    run(async {
        let redis = Redis::start();
        let port = redis.port().to_string();
        let mut replica = Redis::with(&["--replicaof", "127.0.0.1", &port]);
        replica.process().wait_for("MASTER <-> REPLICA sync: Finished with success");
        let builder = RedisStore::node(redis.url(), Clock::system());
        let store = build(builder.confirm_ends(1, Duration::from_secs(5))).await;
        for number in 0..4 {
            create(&store, &key(number), &owned()).await;
        }
        store.end(&key(0), EndReason::LoggedOut, KEEP).await.unwrap();
        // A confirmed end is on the replica.
        assert_eq!(redis.cli(&["WAIT", "0", "0"]), "1");
        let name = format!("ta:{}", key(0));
        assert_eq!(replica.cli(&["STRLEN", &name]), "19", "a tombstone");
        let (whose, except) = (owner(), key(3).id);
        let kick =
            store.end_owned(EndOwnedParams::new(whose, EndReason::Kicked, KEEP).except(except));
        assert_eq!(kick.await.unwrap(), 2);

        let builder = RedisStore::node(redis.url(), Clock::system());
        let store = build(builder.confirm_ends(1, Duration::from_millis(50))).await;
        replica.kill();
        let error = store.end(&key(3), EndReason::LoggedOut, KEEP).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unconfirmed);
        assert!(
            matches!(
                store.load(&key(3)).await,
                Ok(Load::Ended { reason: EndReason::LoggedOut, .. })
            ),
            "the end was applied"
        );
        let none = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, KEEP)).await;
        assert_eq!(none.unwrap_err().kind(), StoreErrorKind::Unconfirmed);
        // Other steps do not wait behind it.
        let slow =
            build(RedisStore::node(redis.url(), Clock::system()).confirm_ends(1, KEEP)).await;
        create(&slow, &key(5), &record()).await;
        let ending = tokio::spawn({
            let slow = slow.clone();
            async move { slow.end(&key(5), EndReason::LoggedOut, KEEP).await }
        });
        for _ in 0..50 {
            assert!(slow.load(&key(9)).await.is_ok());
        }
        assert!(!ending.is_finished());
        ending.abort();
        replica.restart();
        replica.process().wait_for("MASTER <-> REPLICA sync: Finished with success");
        slow.end(&key(3), EndReason::LoggedOut, KEEP).await.unwrap();
    });
}

/// Returns the server's count of changes.
fn changes(redis: &Redis) -> u64 {
    let told = redis.cli(&["INFO", "persistence"]);
    let changes = told.lines().find_map(|it| it.strip_prefix("rdb_changes_since_last_save:"));
    changes.and_then(|it| it.trim().parse().ok()).expect("a number of changes")
}

/// A caller that repeats an unconfirmed kick wants to know whether it is confirmed now, even if no
/// record is left to end.
#[test]
fn an_end_that_is_asked_for_again_is_no_more_confirmed_than_before() {
    run(async {
        let redis = Redis::start();
        let port = redis.port().to_string();
        let replica = Redis::with(&["--replicaof", "127.0.0.1", &port]);
        replica.process().wait_for("MASTER <-> REPLICA sync: Finished with success");
        let builder = RedisStore::node(redis.url(), Clock::system());
        let store = build(builder.confirm_ends(1, Duration::from_millis(50))).await;
        create(&store, &key(0), &owned()).await;
        replica.pause();
        let end = store.end(&key(1), EndReason::LoggedOut, KEEP).await;
        assert_eq!(end.unwrap_err().kind(), StoreErrorKind::Unconfirmed);
        // Includes a new connection, which has written nothing yet.
        let builder = RedisStore::node(redis.url(), Clock::system());
        let other = build(builder.confirm_ends(1, Duration::from_millis(50))).await;
        for store in [&store, &store, &other] {
            let before = changes(&redis);
            let kick = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, KEEP)).await;
            assert_eq!(kick.unwrap_err().kind(), StoreErrorKind::Unconfirmed);
            let between = changes(&redis);
            let end = store.end(&key(1), EndReason::LoggedOut, KEEP).await;
            assert_eq!(end.unwrap_err().kind(), StoreErrorKind::Unconfirmed);
            // Since Redis 7.2, WAIT depends on the changes of its own connection. Without a change,
            // each connected replica confirms at once.
            assert!(changes(&redis) > between && between > before, "no change to wait for");
        }
        replica.resume();
        let builder = RedisStore::node(redis.url(), Clock::system());
        let store = build(builder.confirm_ends(1, Duration::from_secs(5))).await;
        let kick = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, KEEP)).await;
        assert_eq!(kick.unwrap(), 0, "no record was left");
        assert_eq!(replica.cli(&["STRLEN", &format!("ta:{}", key(0))]), "19", "a tombstone");
    });
}

#[test]
fn an_end_is_confirmed_in_a_cluster() {
    run(async {
        let cluster = RedisCluster::start();
        let builder = RedisStore::cluster(cluster.urls(), Clock::system());
        let store = build(builder.confirm_ends(1, Duration::from_secs(5))).await;
        for number in 0..20 {
            create(&store, &key(number), &owned()).await;
        }
        store.end(&key(0), EndReason::LoggedOut, KEEP).await.unwrap();
        let kick = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, KEEP)).await;
        assert_eq!(kick.unwrap(), 19);
        for number in 0..20 {
            assert!(!is_found(&store, &key(number)).await);
        }
    });
}

#[test]
fn only_a_number_of_replicas_confirms_an_end() {
    run(async {
        let (redis, other) = (Redis::start(), Redis::start());
        let builder = || RedisStore::node(redis.url(), Clock::system());
        let store = build(builder().confirm_ends(1, Duration::from_secs(10))).await;
        create(&store, &key(1), &owned()).await;
        create(&store, &key(2), &owned()).await;
        // A server that is demoted during the wait ends the wait with an error.
        let ending = tokio::spawn({
            let store = store.clone();
            async move { store.end(&key(1), EndReason::LoggedOut, KEEP).await }
        });
        let blocked = || redis.cli(&["INFO", "clients"]).contains("blocked_clients:1");
        while !blocked() {
            assert!(!ending.is_finished(), "no replica can have confirmed the end");
        }
        assert_eq!(redis.cli(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]), "OK");
        let answer = ending.await.unwrap();
        assert_eq!(answer.unwrap_err().kind(), StoreErrorKind::Unconfirmed);
        assert_eq!(redis.cli(&["REPLICAOF", "NO", "ONE"]), "OK");

        // A user without the right to `WAIT` gets no confirmation.
        assert_eq!(redis.cli(&["ACL", "SETUSER", "default", "-wait"]), "OK");
        let store = build(builder().confirm_ends(1, Duration::from_millis(50))).await;
        let answer = store.end(&key(2), EndReason::LoggedOut, KEEP).await;
        assert_eq!(answer.unwrap_err().kind(), StoreErrorKind::Unconfirmed);
        let kick = store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, KEEP)).await;
        assert_eq!(kick.unwrap_err().kind(), StoreErrorKind::Unconfirmed);
    });
}
