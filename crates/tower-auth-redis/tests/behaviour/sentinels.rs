//! Tests with Sentinels that fail, one by one or all.

use std::time::{Duration, Instant};

use tower_auth_core::Clock;
use tower_auth_core::store::Store;
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::{Redis, RedisSentinels};
use tower_auth_redis::{RedisStore, redis as driver};

use crate::fixture::{build, create, is_found, key, patient, record, run, until};

/// The Sentinels accept subscriptions and then close the connection. The store asks them, and does
/// not reconnect at once each time.
#[test]
fn sentinels_that_hang_up_are_not_called_again_and_again() {
    run(async {
        let servers = RedisSentinels::start();
        let proxies: Vec<_> = servers.sentinels().into_iter().map(Proxy::start).collect();
        let urls = proxies.iter().map(|it| format!("redis://127.0.0.1:{}", it.port()));
        let builder = RedisStore::sentinel(urls, RedisSentinels::NAME, Clock::system());
        let store = build(builder).await;
        let (mut calls, start) = (0, Instant::now());
        for _ in 0..40 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            for proxy in &proxies {
                calls += proxy.take().iter().filter(|it| *it == "SUBSCRIBE").count();
                proxy.cut();
            }
        }
        let most = proxies.len() * (2 + start.elapsed().as_secs() as usize / 5);
        assert!((1..=most).contains(&calls), "{calls} calls");
        until(async || store.load(&key(1)).await).await;
    });
}

/// The Sentinel was cut off from the others during the fail-over, for example.
#[test]
fn a_sentinel_that_names_a_replica_takes_no_one_from_the_primary() {
    run(async {
        let (servers, other) = (RedisSentinels::start(), Redis::start());
        let builder = RedisStore::sentinel(servers.urls(), RedisSentinels::NAME, Clock::system());
        let store = patient(builder).await;
        create(&store, &key(1), &record()).await;
        let primary = servers.primary().to_string();
        assert_eq!(other.cli(&["REPLICAOF", "127.0.0.1", &primary]), "OK");
        let client = driver::Client::open(servers.urls().remove(0)).unwrap();
        let mut sentinel = client.get_multiplexed_async_connection().await.unwrap();
        let (name, other) = (RedisSentinels::NAME, other.port().to_string());
        for words in [&["REMOVE", name][..], &["MONITOR", name, "127.0.0.1", &other, "9"]] {
            let mut tell = driver::cmd("SENTINEL");
            tell.arg(words).exec_async(&mut sentinel).await.unwrap();
        }
        // The store asks each Sentinel several times.
        for _ in 0..600 {
            assert!(is_found(&store, &key(1)).await, "the store left the primary");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
}
