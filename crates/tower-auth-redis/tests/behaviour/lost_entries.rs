//! Tests in which one of the two writes of a creation is lost: the record or its index entry.

use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{EndOwnedParams, EndReason, ListParams, Load, Owner, Record, Store};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::RedisCluster;
use tower_auth_redis::RedisStore;

use crate::fixture::{build, done, key, record, run, until};

const RECORDS: u32 = 60;

fn its(number: u32) -> Record {
    let mut owner = [0; 32];
    owner[..4].copy_from_slice(&number.to_be_bytes());
    Record { owner: Some(Owner::new(owner)), ..record() }
}

async fn is_listed(store: &RedisStore, number: u32) -> bool {
    let owner = its(number).owner.unwrap();
    let (page, _) = until(async || store.list(ListParams::new(owner, 9)).await).await;
    page.entries.iter().any(|it| it.key == key(number))
}

/// One of three servers receives nothing, and commands sent to it are lost. A creation that lost
/// one of its two writes is not acknowledged. A record without its entry is listed after its next
/// save. An entry without its record lists no session.
#[test]
fn a_creation_that_lost_one_of_its_writes_is_not_acknowledged() {
    run(async {
        let cluster = RedisCluster::start();
        let ports = cluster.ports();
        let proxies = Proxy::in_front_of(&ports);
        let urls = proxies.iter().map(|it| format!("redis://127.0.0.1:{}", it.port()));
        let store = build(RedisStore::cluster(urls, Clock::system())).await;
        let deaf = ports.iter().position(|it| *it == cluster.primaries()[0]).unwrap();
        let deaf = &proxies[deaf];
        deaf.black_hole(true);
        let create = |number| {
            let store = store.clone();
            tokio::spawn(async move { store.create(&key(number), &its(number)).await })
        };
        let mut answers = Vec::new();
        for creating in (0..RECORDS).map(create).collect::<Vec<_>>() {
            answers.push(creating.await.unwrap());
        }
        deaf.cut();
        deaf.black_hole(false);

        let (mut recordless, mut entryless) = (0, 0);
        for (number, answer) in (0..).zip(answers) {
            let (load, _) = until(async || store.load(&key(number)).await).await;
            let listed = is_listed(&store, number).await;
            match (answer, load) {
                (Ok(write), Load::Found(stored)) => {
                    assert_eq!(done(write), stored.version);
                    assert!(listed, "an acknowledged record is not listed");
                }
                (Err(_), Load::Absent) => {
                    assert!(!listed, "a missing record is listed");
                    recordless += 1;
                }
                (Err(_), Load::Found(stored)) => {
                    entryless += u32::from(!listed);
                    let save = store.save(&key(number), stored.version, &its(number)).await;
                    done(save.unwrap());
                    assert!(is_listed(&store, number).await, "the next save adds the entry");
                }
                (answer, _) => panic!("{answer:?} for a creation that had no effect then"),
            }
            let (owner, keep) = (its(number).owner.unwrap(), Duration::from_secs(60));
            let end = store.end_owned(EndOwnedParams::new(owner, EndReason::Kicked, keep));
            end.await.unwrap();
            assert!(!matches!(store.load(&key(number)).await.unwrap(), Load::Found(_)));
        }
        assert!(recordless > 0 && entryless > 0, "{recordless} and {entryless} lost a write");
    });
}
