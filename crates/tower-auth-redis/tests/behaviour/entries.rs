//! Entries of an owner's index: none is lost before its record.

use std::time::Duration;

use tower_auth_core::store::{Key, Kinds, Record, Store};
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;
use tower_auth_test::TestClock;

use crate::world::{create, done, key, owned, owner, patient, run, until};

async fn listed(store: &RedisStore) -> Vec<Key> {
    let (page, _) = until(async || store.list(Kinds::All, &owner(), None, 100).await).await;
    page.entries.into_iter().map(|it| it.key).collect()
}

#[test]
fn a_clock_that_is_put_right_by_hours_leaves_nobody_unkickable() {
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
        // It was two hours fast: the record lives on until the clock comes there again.
        time.set(TestClock::START);
        done(store.save(&key(1), version, &record).await.unwrap());
        let stays = |name: &str| -> u64 { redis.cli(&["PTTL", name]).parse().expect("a number") };
        let index = redis.cli(&["KEYS", "ta:o.*"]);
        assert!(stays(&index) > stays(&format!("ta:{}", key(1))), "the index goes first");
        // Now it is fast, somebody logs in by it, and then it is put right.
        time.set(now + HOUR * 2);
        create(&store, &key(2), &its(time.now())).await;
        time.set(now);
        assert_eq!(listed(&store).await, [key(1), key(2)]);
    });
}
