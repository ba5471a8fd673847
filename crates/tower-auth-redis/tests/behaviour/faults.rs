//! Tests with servers that are killed, stopped, cut off, full or not primaries. Each step reports
//! it in time, and the same store continues afterwards.

use std::time::{Duration, Instant};

use tower_auth_core::Clock;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, ListParams, Load, Record, Store, StoreErrorKind, Version,
};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::{RedisConfigError, RedisStore};

use crate::fixture::{
    PATIENCE, build, create, done, is_found, is_unavailable, key, node, owned, owner, record, run,
    until,
};

const KEEP: Duration = Duration::from_secs(60);

/// Each step fails as unavailable.
async fn nothing_works(store: &RedisStore) {
    is_unavailable(store.load(&key(1))).await;
    is_unavailable(store.create(&key(2), &owned())).await;
    is_unavailable(store.create(&key(2), &record())).await;
    is_unavailable(store.save(&key(1), Version::from_raw(1), &record())).await;
    is_unavailable(store.touch(&key(1), Clock::system().now())).await;
    is_unavailable(store.end(&key(1), EndReason::LoggedOut, KEEP)).await;
    is_unavailable(store.list(ListParams::new(owner(), 10))).await;
    is_unavailable(store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, KEEP))).await;
}

/// Each step works again soon.
async fn everything_works(store: &RedisStore, fault: &str) {
    let (_, took) = until(async || store.load(&key(1)).await).await;
    eprintln!("{fault}: the first success came {took:?} after the end of the fault");
    assert!(is_found(store, &key(1)).await, "the acknowledged record exists");
    let number = key(100);
    let (_, _) =
        until(async || store.end(&number, EndReason::Replaced, Duration::ZERO).await).await;
    let version = create(store, &number, &owned()).await;
    done(store.save(&number, version, &owned()).await.unwrap());
    store.touch(&number, Clock::system().now()).await.unwrap();
    let page = store.list(ListParams::new(owner(), 10)).await.unwrap();
    assert!(page.entries.iter().any(|entry| entry.key == number));
    store.end(&number, EndReason::LoggedOut, Duration::ZERO).await.unwrap();
}

/// A caller that retries at once on the only thread must not block the new connection.
#[test]
fn who_asks_a_dead_server_again_and_again_lets_it_be_found_again() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut redis = Redis::start();
        let store = node(redis.url()).await;
        redis.kill();
        is_unavailable(store.load(&key(1))).await;
        redis.restart();
        let start = Instant::now();
        while store.load(&key(1)).await.is_err() {
            assert!(start.elapsed() < PATIENCE, "the retries block the connection");
        }
    });
}

#[test]
fn a_restarted_server_is_met_without_an_error_once_the_store_has_heard() {
    run(async {
        let mut redis = Redis::start();
        let store = node(redis.url()).await;
        create(&store, &key(1), &record()).await;
        redis.restart();
        // The restarted server has also forgotten the scripts.
        everything_works(&store, "restarted").await;
    });
}

#[test]
fn a_stopped_server_is_unavailable_until_it_goes_on() {
    run(async {
        let redis = Redis::start();
        let store = node(redis.url()).await;
        create(&store, &key(1), &record()).await;
        redis.pause();
        nothing_works(&store).await;
        redis.resume();
        // An end that timed out may have been applied, because it was sent.
        let (_, took) = until(async || store.load(&key(1)).await).await;
        eprintln!("stopped: the first success came {took:?} after the end of the fault");
        until(async || store.end(&key(1), EndReason::Replaced, Duration::ZERO).await).await;
        let _ = until(async || store.create(&key(3), &owned()).await).await;
        assert!(is_found(&store, &key(3)).await);
    });
}

#[test]
fn a_network_that_drops_everything_is_unavailable_until_it_does_not() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = node(format!("redis://127.0.0.1:{}", proxy.port())).await;
        create(&store, &key(3), &record()).await;
        proxy.black_hole(true);
        nothing_works(&store).await;
        proxy.black_hole(false);
        let (_, took) = until(async || store.load(&key(3)).await).await;
        eprintln!("black hole: the first success came {took:?} after the end of the fault");
        assert!(is_found(&store, &key(3)).await);
    });
}

#[test]
fn a_cut_connection_is_replaced_before_anyone_asks() {
    run(async {
        let redis = Redis::start();
        let proxy = Proxy::start(redis.port());
        let store = node(format!("redis://127.0.0.1:{}", proxy.port())).await;
        create(&store, &key(1), &record()).await;
        for _ in 0..5 {
            proxy.cut();
            everything_works(&store, "cut").await;
        }
    });
}

#[test]
fn a_full_server_refuses_what_grows_and_still_touches_and_ends() {
    run(async {
        let redis = Redis::with(&["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"]);
        let store = node(redis.url()).await;
        assert!(!store.limits().evicts);
        let version = create(&store, &key(1), &owned()).await;
        let large = Record { data: vec![b' '; 100_000].into(), data_is_json: false, ..record() };
        let mut kept = Vec::new();
        for number in 1000.. {
            match store.create(&key(number), &large).await {
                Ok(write) => kept.push((number, done(write))),
                Err(error) => {
                    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
                    assert!(
                        !is_found(&store, &key(number)).await,
                        "the failed creation changed nothing"
                    );
                    break;
                }
            }
        }
        // There may be space for a small value. This limit leaves none.
        assert_eq!(redis.cli(&["CONFIG", "SET", "maxmemory", "1mb"]), "OK");
        is_unavailable(store.create(&key(2), &owned())).await;
        is_unavailable(store.save(&key(1), version, &owned())).await;
        // A user does not lose a session in use because the server is full.
        let seen = Clock::system().now() + KEEP;
        store.touch(&key(1), seen).await.unwrap();
        let Ok(Load::Found(stored)) = store.load(&key(1)).await else {
            panic!("the record is lost")
        };
        assert_eq!((stored.version, stored.record.last), (version, seen));
        assert_eq!(store.list(ListParams::new(owner(), 10)).await.unwrap().entries.len(), 1);
        // A user can log out while the server is full.
        store.end(&key(1), EndReason::LoggedOut, KEEP).await.unwrap();
        assert!(matches!(
            store.load(&key(1)).await,
            Ok(Load::Ended { reason: EndReason::LoggedOut, .. })
        ));
        store.end(&key(4), EndReason::Revoked, KEEP).await.unwrap();
        for (number, _) in kept {
            store.end(&key(number), EndReason::Kicked, Duration::ZERO).await.unwrap();
        }
        assert_eq!(redis.cli(&["CONFIG", "SET", "maxmemory", "0"]), "OK");
        create(&store, &key(2), &owned()).await;
    });
}

#[test]
fn a_demoted_server_is_unavailable_also_for_reading() {
    run(async {
        let other = Redis::start();
        let redis = Redis::start();
        let store = node(redis.url()).await;
        create(&store, &key(1), &record()).await;
        let demote = ["REPLICAOF", "127.0.0.1", &other.port().to_string()].map(str::to_owned);
        assert_eq!(redis.cli(&demote.each_ref().map(String::as_str)), "OK");
        // The store learns of it at the first write, or within a second.
        is_unavailable(store.create(&key(2), &record())).await;
        let (_, took) = until(async || {
            match store.load(&key(1)).await {
                // Until the store learns of the demotion, the server still answers reads.
                Ok(_) => Err(tower_auth_core::store::StoreError::unavailable("not yet")),
                Err(_) => Ok(()),
            }
        })
        .await;
        eprintln!("demoted: no more reading {took:?} later");
        assert_eq!(redis.cli(&["REPLICAOF", "NO", "ONE"]), "OK");
        until(async || store.load(&key(1)).await).await;
        let _ = until(async || store.create(&key(3), &record()).await).await;
    });
}

#[test]
fn too_many_at_once_wait_and_are_all_answered() {
    run(async {
        let redis = Redis::start();
        let store = build(RedisStore::node(redis.url(), Clock::system()).max_in_flight(2)).await;
        create(&store, &key(1), &record()).await;
        let loads = (0..200).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { is_found(&store, &key(1)).await })
        });
        for load in loads.collect::<Vec<_>>() {
            assert!(load.await.unwrap());
        }
    });
}

#[test]
fn what_evicts_is_read_from_the_server() {
    run(async {
        let evicts = Redis::with(&["--maxmemory-policy", "volatile-lru"]);
        assert!(node(evicts.url()).await.limits().evicts);
        let hosted = Redis::with(&["--rename-command", "CONFIG", ""]);
        assert!(node(hosted.url()).await.limits().evicts, "an unknown policy may evict");
        let builder = RedisStore::node(hosted.url(), Clock::system());
        assert!(!build(builder.assume_no_eviction()).await.limits().evicts);
    });
}

#[test]
fn what_cannot_be_meant_is_not_built() {
    run(async {
        let node = || RedisStore::node("redis://127.0.0.1:1", Clock::system());
        let is = |built: Result<RedisStore, _>, is: fn(&RedisConfigError) -> bool| {
            let error = built.expect_err("the build fails");
            assert!(is(&error), "{error}");
        };
        is(node().build().await, |it| matches!(it, RedisConfigError::Unreachable(_)));
        is(node().max_value(0).build().await, |it| {
            matches!(it, RedisConfigError::Zero("max_value"))
        });
        is(node().timeout(Duration::ZERO).build().await, |it| {
            matches!(it, RedisConfigError::Zero("timeout"))
        });
        is(node().connections(0).build().await, |it| {
            matches!(it, RedisConfigError::Zero("connections"))
        });
        is(node().max_in_flight(0).build().await, |it| {
            matches!(it, RedisConfigError::Zero("max_in_flight"))
        });
        let url = RedisStore::node("postgres://127.0.0.1", Clock::system()).build().await;
        is(url, |it| matches!(it, RedisConfigError::Address));
        let none: [&str; 0] = [];
        let none = RedisStore::cluster(none, Clock::system()).build().await;
        is(none, |it| matches!(it, RedisConfigError::NoAddress));
    });
}
