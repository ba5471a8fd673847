//! Tests of the stored values: record format 1, and the server's expiry.

use std::time::Duration;

use tower_auth_core::store::{EndReason, Record, Store, Stored, Tombstone, Version};
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::{RedisStore, redis as driver};
use tower_auth_test::TestClock;

use crate::fixture::{create, done, key, owned, patient, run};

/// The time between a record's expiry and its removal by the server, in milliseconds.
const GRACE: i64 = 600_000;

#[test]
fn records_and_tombstones_lie_as_format_1_says_and_are_swept_late() {
    run(async {
        let redis = Redis::start();
        let time = TestClock::new();
        let store = patient(RedisStore::node(redis.url(), time.clock())).await;
        let client = driver::Client::open(redis.url()).unwrap();
        let mut raw = client.get_multiplexed_async_connection().await.unwrap();
        let name = format!("ta:{}", key(1));
        let mut lies = async |command: &str| -> driver::Value {
            driver::cmd(command).arg(&name).query_async(&mut raw).await.unwrap()
        };
        let bytes = |value: driver::Value| driver::from_redis_value::<Vec<u8>>(value).unwrap();
        // The server keeps a key for its lifetime by the store's clock, plus the grace.
        let swept = |value: driver::Value, lives: Duration| {
            let ms = driver::from_redis_value::<i64>(value).unwrap();
            let latest = i64::try_from(lives.as_millis()).unwrap() + GRACE;
            assert!((latest - 60_000..=latest).contains(&ms), "{ms} instead of {latest}");
        };

        let (idle, now) = (Duration::from_secs(900), time.now());
        let absolute = now + Duration::from_secs(1200);
        let record = Record { created: now, last: now, idle, absolute, ..owned() };
        let version = create(&store, &key(1), &record).await;
        assert_eq!(bytes(lies("GET").await), Stored { version, record: record.clone() }.to_bytes());
        swept(lies("PTTL").await, idle);

        let other = Record { data: b"{\"a\":1}".as_slice().into(), ..record };
        let version = done(store.save(&key(1), version, &other).await.unwrap());
        let record = Record { last: now + Duration::from_secs(600), ..other };
        time.advance(Duration::from_secs(600));
        store.touch(&key(1), time.now()).await.unwrap();
        assert_eq!(bytes(lies("GET").await), Stored { version, record }.to_bytes());
        // By now the absolute deadline is earlier than the idle deadline.
        swept(lies("PTTL").await, Duration::from_secs(600));

        let keep = Duration::from_secs(30);
        store.end(&key(1), EndReason::Reuse, keep).await.unwrap();
        let until = time.now() + keep;
        let stone = Tombstone { reason: EndReason::Reuse, until, version };
        assert_eq!(bytes(lies("GET").await), stone.to_bytes());
        swept(lies("PTTL").await, keep);
        // A later end keeps the reason, the version, and the later expiry.
        store.end(&key(1), EndReason::Kicked, keep * 2).await.unwrap();
        let until = time.now() + keep * 2;
        assert_eq!(bytes(lies("GET").await), Tombstone { until, ..stone }.to_bytes());
        store.end(&key(2), EndReason::Kicked, keep).await.unwrap();
        let name = format!("ta:{}", key(2));
        let stone: Vec<u8> = driver::cmd("GET").arg(&name).query_async(&mut raw).await.unwrap();
        assert_eq!(Tombstone::from_bytes(&stone).unwrap().version, Version::from_raw(0));
    });
}

#[test]
fn what_is_not_ours_is_absent_and_in_no_ones_way() {
    run(async {
        let redis = Redis::start();
        let store = patient(RedisStore::node(redis.url(), TestClock::new().clock())).await;
        let strange = ["", "\u{1}", "\u{2}later", "text", "{\"json\":true}"];
        for (number, text) in strange.into_iter().enumerate() {
            let its = key(number as u32);
            assert_eq!(redis.cli(&["SET", &format!("ta:{its}"), text]), "OK");
            let load = store.load(&its).await.unwrap();
            assert!(matches!(load, tower_auth_core::store::Load::Absent), "{text}");
            // The value may be a record in a later format, so a creation does not replace it.
            let write = store.create(&its, &owned()).await.unwrap();
            assert_eq!(write, tower_auth_core::store::Write::Conflict, "{text}");
            store.touch(&its, TestClock::START).await.unwrap();
            assert_eq!(redis.cli(&["GET", &format!("ta:{its}")]), text);
            // An end replaces it.
            store.end(&its, EndReason::Revoked, Duration::from_secs(60)).await.unwrap();
            let load = store.load(&its).await.unwrap();
            assert!(
                matches!(
                    load,
                    tower_auth_core::store::Load::Ended { reason: EndReason::Revoked, .. }
                ),
                "{text}"
            );
        }
    });
}
