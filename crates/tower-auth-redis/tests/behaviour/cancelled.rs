//! Tests that drop a step's future at each of its awaits.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{EndOwnedParams, EndReason, ListParams, Load, Record, Store};
use tower_auth_fixtures::server::RedisCluster;
use tower_auth_redis::RedisStore;

use crate::fixture::{create, key, owned, owner, patient, record, run};

/// Polls up to `polls` times. Returns the output if the future completed.
async fn partly<T>(polls: u32, step: impl Future<Output = T>) -> Option<T> {
    let mut step = pin!(step);
    for _ in 0..polls {
        let poll = std::future::poll_fn(|cx| {
            Poll::Ready(match step.as_mut().poll(cx) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            })
        });
        if let Some(answer) = poll.await {
            return Some(answer);
        }
        tokio::task::yield_now().await;
    }
    None
}

/// Each live record with an owner is on the owner's list, and `end_owned` ends it.
async fn no_one_is_unkickable(store: RedisStore) {
    let mut number = 0;
    for round in 0..40 {
        for polls in 0..12 {
            number += 1;
            let its = key(number);
            if round % 2 == 0 {
                let _ = partly(polls, store.create(&its, &owned())).await;
            } else {
                let version = create(&store, &its, &record()).await;
                let login = Record { owner: Some(owner()), ..record() };
                let _ = partly(polls, store.save(&its, version, &login)).await;
            }
        }
    }
    // Commands in flight are done once later commands on each connection are answered.
    for number in 5000..5050 {
        create(&store, &key(number), &owned()).await;
    }
    let page = store.list(ListParams::new(owner(), usize::MAX)).await.unwrap();
    let mut lives = 0;
    for number in 1..=number {
        let Ok(Load::Found(stored)) = store.load(&key(number)).await else { continue };
        if stored.record.owner.is_some() {
            lives += 1;
            let listed = page.entries.iter().any(|entry| entry.key == key(number));
            assert!(listed, "{number} lives but is not listed");
        }
    }
    assert!(lives > 0, "no step took effect");
    let keep = Duration::from_secs(60);
    let kick =
        store.end_owned(EndOwnedParams::new(owner(), EndReason::Kicked, keep)).await.unwrap();
    assert_eq!(kick, page.entries.len());
}

#[test]
fn in_a_cluster() {
    run(async {
        let cluster = RedisCluster::start();
        let store = patient(RedisStore::cluster(cluster.urls(), Clock::system())).await;
        no_one_is_unkickable(store).await;
    });
}
