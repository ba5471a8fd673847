//! Tests that cleanup removes only expired rows, and only after the grace time.

use std::time::Duration;

use tower_auth_core::store::{EndReason, Key, Load, Record, RecordKind, Store};
use tower_auth_sqlx::sqlx::{self, AssertSqlSafe};
use tower_auth_test::TestClock;

use super::{node, pool, schema};
use crate::support::{IDLE, found, key, put, record};

const KEEP: Duration = Duration::from_secs(3600);
const GRACE: Duration = Duration::from_secs(600);
const MICROSECOND: Duration = Duration::from_micros(1);

#[tokio::test]
async fn only_what_is_over_for_ten_minutes_goes() {
    let (time, schema) = (TestClock::new(), schema());
    let store = node(&schema, time.clock());
    store.migrate().await.unwrap();
    let expiring = record(time.now(), "{}");
    put(&store, &key(1), &expiring).await;
    let living = Record { idle: IDLE * 100, absolute: time.now() + IDLE * 100, ..expiring.clone() };
    put(&store, &key(2), &living).await;
    put(&store, &key(3), &expiring).await;
    store.end(&key(3), EndReason::Kicked, KEEP).await.unwrap();
    store.end(&key(4), EndReason::Revoked, Duration::MAX).await.unwrap();

    time.advance(IDLE + GRACE - MICROSECOND);
    assert_eq!(store.clean_up(100).await.unwrap(), 0, "keeps the expired record's versions");
    time.advance(MICROSECOND);
    assert_eq!(store.clean_up(100).await.unwrap(), 1, "the expired record");
    time.advance(KEEP - IDLE - GRACE - MICROSECOND);
    assert!(matches!(store.load(&key(3)).await, Ok(Load::Ended { reason: EndReason::Kicked, .. })));
    time.advance(GRACE);
    assert_eq!(store.clean_up(100).await.unwrap(), 0, "keeps the tombstone's version");
    time.advance(MICROSECOND);
    assert_eq!(store.clean_up(100).await.unwrap(), 1, "the tombstone");
    found(&store, &key(2)).await;
    assert!(matches!(
        store.load(&key(4)).await,
        Ok(Load::Ended { reason: EndReason::Revoked, .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_small_and_two_cleanups_share_the_work() {
    let (time, schema) = (TestClock::new(), schema());
    let (one, other) = (node(&schema, time.clock()), node(&schema, time.clock()));
    one.migrate().await.unwrap();
    for number in 0..100 {
        put(&one, &key(number), &record(time.now(), "{}")).await;
    }
    time.advance(IDLE * 10);
    assert_eq!(one.clean_up(7).await.unwrap(), 7);
    let (first, second) = tokio::join!(one.clean_up(40), other.clean_up(40));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first <= 40 && second <= 40);
    let rest = one.clean_up(1000).await.unwrap();
    assert_eq!(7 + first + second + rest, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleanup_runs_until_the_last_clone_of_the_store_is_dropped() {
    let (time, schema) = (TestClock::new(), schema());
    let store = node(&schema, time.clock());
    store.migrate().await.unwrap();
    for number in 0..=255 {
        for kind in RecordKind::ALL {
            put(&store, &Key::new(kind, key(number).id), &record(time.now(), "{}")).await;
        }
    }
    time.advance(IDLE * 10);
    let run_cleanup = tokio::spawn(store.run_cleanup(Duration::from_millis(1)));
    let clone = store.clone();
    drop(store);
    let count = format!("SELECT count(*) FROM {schema}.tower_auth_records");
    let pool = pool();
    while sqlx::query_scalar::<_, i64>(AssertSqlSafe(count.clone())).fetch_one(&pool).await.unwrap()
        > 0
    {}
    assert!(!run_cleanup.is_finished());
    drop(clone);
    run_cleanup.await.unwrap();
}
