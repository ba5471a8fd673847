//! Tests of saves that differ in one or more ways from the usual save, which the script handles
//! first.

use std::time::Duration;

use tower_auth_core::store::{Load, Owner, Record, Store, Stored, Version, Write};
use tower_auth_fixtures::server::Redis;
use tower_auth_redis::RedisStore;
use tower_auth_test::TestClock;

use crate::fixture::{create, done, key, owner, patient, record, run};

#[test]
fn a_save_keeps_creation_owner_and_last_use_whatever_it_names() {
    run(async {
        let redis = Redis::start();
        let time = TestClock::new();
        let store = patient(RedisStore::node(redis.url(), time.clock())).await;
        let (start, second) = (time.now(), Duration::from_secs(1));
        let owners = [None, Some(owner()), Some(Owner::new([8; 32]))];
        let mut number = 0;
        for its in owners {
            for saved in owners {
                for created in [start, start + second] {
                    for last in [start, start + second, start + second * 2] {
                        for data_is_json in [true, false] {
                            number += 1;
                            let key = key(number);
                            let there = Record {
                                owner: its,
                                created: start,
                                last: start + second,
                                absolute: start + second * 3600,
                                ..record()
                            };
                            let save = Record {
                                owner: saved,
                                created,
                                last,
                                data_is_json,
                                idle: second * 60,
                                ..there.clone()
                            };
                            let version = create(&store, &key, &there).await;
                            let write = store.save(&key, version, &save).await;
                            let version = done(write.unwrap());
                            assert_eq!(version, Version::first(time.now()).next(time.now()));
                            let expected = Record {
                                owner: its.or(saved),
                                created: start,
                                last: last.max(there.last),
                                ..save.clone()
                            };
                            let Ok(Load::Found(stored)) = store.load(&key).await else {
                                panic!("the record is missing: {save:?}")
                            };
                            assert_eq!(stored, Stored { version, record: expected });
                            let swept = redis.cli(&["PTTL", &format!("ta:{key}")]);
                            let swept: u64 = swept.parse().expect("a number");
                            let latest = 660_000 + last.max(there.last).since(start).as_millis();
                            assert!(u128::from(swept) <= latest && swept > 630_000, "{swept}");
                            // The previous version, and one that never existed.
                            let before = Version::from_raw(version.get() - 1);
                            for other in [before, version.next(time.now())] {
                                let write = store.save(&key, other, &save).await.unwrap();
                                assert_eq!(write, Write::Conflict);
                            }
                        }
                    }
                }
            }
        }
    });
}
