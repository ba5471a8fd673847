//! Tests with numbers that Lua's own numbers cannot represent.

use std::time::Duration;

use tower_auth_core::store::{EndReason, Load, Record, Store, Version, Write};
use tower_auth_core::{Clock, Timestamp, clock::TimeSource};
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;
use tower_auth_test::TestClock;

use crate::fixture::{done, key, patient, record, run};

struct At(u64);
impl TimeSource for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.0)
    }
}

#[test]
fn every_64_bit_number_is_exact() {
    run(async {
        let redis = Redis::start();
        let edges = [0, 1, 2, 31, 32, 33, 52, 53, 54, 62, 63, 64];
        let edges = edges.map(|bits| if bits == 64 { u64::MAX } else { 1 << bits });
        let mut numbers: Vec<u64> =
            edges.iter().flat_map(|it| [it - 1, *it, it.saturating_add(1)]).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for (at, now) in numbers.iter().copied().enumerate() {
            let clock = Clock::new(At(now));
            let store = RedisStore::node(redis.url(), clock).key_prefix(format!("n{at}:"));
            let store = patient(store).await;
            for (number, deadline) in numbers.iter().copied().enumerate() {
                let key = key(number as u32);
                let absolute = Timestamp::from_unix_micros(deadline);
                let record = Record {
                    created: Timestamp::from_unix_micros(now),
                    last: Timestamp::from_unix_micros(0),
                    idle: Duration::MAX,
                    absolute,
                    ..record()
                };
                let version = done(store.create(&key, &record).await.unwrap());
                assert_eq!(version.get(), now, "the first version");
                let live = now < deadline;
                assert_eq!(matches!(store.load(&key).await, Ok(Load::Found(_))), live);
                // The script decides as the reader does, by both deadlines.
                let idle = Record {
                    last: absolute,
                    idle: Duration::ZERO,
                    absolute: Timestamp::MAX,
                    ..record.clone()
                };
                let saved = store.save(&key, version, &idle).await.unwrap();
                if live {
                    assert_eq!(saved, Write::Done(Version::from_raw(now + 1)), "{now} {deadline}");
                } else {
                    assert_eq!(saved, Write::Conflict, "{now} {deadline}");
                }
                store
                    .touch(&key, Timestamp::from_unix_micros(deadline.saturating_add(1)))
                    .await
                    .unwrap();
                if let Ok(Load::Found(stored)) = store.load(&key).await {
                    assert!(stored.record.last.as_unix_micros() == deadline.saturating_add(1));
                }
            }
        }
    });
}

#[test]
fn the_last_version_is_the_last() {
    run(async {
        let redis = Redis::start();
        let time = TestClock::at(Timestamp::MAX);
        let store = patient(RedisStore::node(redis.url(), time.clock())).await;
        // No record and no tombstone lives at the end of time.
        let never = Record { absolute: Timestamp::MAX, idle: Duration::MAX, ..record() };
        assert_eq!(done(store.create(&key(1), &never).await.unwrap()).get(), u64::MAX);
        assert!(matches!(store.load(&key(1)).await, Ok(Load::Absent)));
        store.end(&key(1), EndReason::Kicked, Duration::MAX).await.unwrap();
        assert!(matches!(store.load(&key(1)).await, Ok(Load::Absent)));
        // They live one microsecond earlier. The last version has no successor.
        time.set(Timestamp::from_unix_micros(u64::MAX - 1));
        store.end(&key(2), EndReason::Kicked, Duration::MAX).await.unwrap();
        assert!(matches!(
            store.load(&key(2)).await,
            Ok(Load::Ended { reason: EndReason::Kicked, .. })
        ));
        assert!(matches!(
            store.load(&key(1)).await,
            Ok(Load::Ended { reason: EndReason::Kicked, .. })
        ));
        let version = done(store.create(&key(3), &never).await.unwrap());
        let version = done(store.save(&key(3), version, &never).await.unwrap());
        let version = done(store.save(&key(3), version, &never).await.unwrap());
        assert_eq!(version.get(), u64::MAX);
    });
}
