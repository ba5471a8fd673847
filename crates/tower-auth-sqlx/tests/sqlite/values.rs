//! Tests that columns keep the exact values, and that SQL can query them.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{Key, Record, RecordId, RecordKind, Store, Write};
use tower_auth_sqlx::SqliteStore;
use tower_auth_sqlx::sqlx;
use tower_auth_test::TestClock;

use super::Files;
use crate::support::{column, edges, found, key, put, record, texts};

#[tokio::test]
async fn sql_queries_what_is_json_and_all_else_comes_back_too() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = SqliteStore::open(files.path("a"), time.clock()).await.unwrap();
    let pool = files.pool("a");
    let is_json = "SELECT data_json IS NOT NULL FROM tower_auth_records WHERE handle = $1";
    for (number, (text, expected)) in (1..).zip(texts()) {
        let key = key(number);
        let before = record(time.now(), "{\"old\":true}");
        let after = record(time.now(), text.clone());
        // Written once by a creation, and once by a save.
        put(&store, &Key::new(RecordKind::Token, key.id), &after).await;
        let version = put(&store, &key, &before).await;
        assert!(matches!(store.save(&key, version, &after).await, Ok(Write::Done(_))));
        for kind in [RecordKind::Token, RecordKind::Session] {
            let stored = found(&store, &Key::new(kind, key.id)).await;
            assert!(stored.record == after, "the text number {number}");
        }
        let kept: Vec<bool> = sqlx::query_scalar(is_json)
            .bind(&key.id.as_bytes()[..])
            .fetch_all(&pool)
            .await
            .unwrap();
        assert_eq!(kept, [expected, expected], "the text number {number}");
    }
    let sql = "SELECT data_json->'cart'->>1 FROM tower_auth_records \
         WHERE kind = 1 AND data_json->>'n' = 1";
    let cart: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    assert_eq!(cart, 2);
}

#[tokio::test]
async fn what_is_not_said_to_be_json_is_kept_as_bytes() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = SqliteStore::open(files.path("a"), time.clock()).await.unwrap();
    let pool = files.pool("a");
    let bytes = Record { data_is_json: false, ..record(time.now(), "{}") };
    put(&store, &key(1), &bytes).await;
    assert!(found(&store, &key(1)).await.record == bytes);
    let sql = "SELECT data_bytes FROM tower_auth_records";
    let kept: Vec<u8> = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    assert_eq!(kept, b"{}");
}

/// Tests each sum and each comparison around each edge of 64 bits.
#[tokio::test]
async fn numbers_are_exact_to_the_last_microsecond_there_is() {
    let (time, files) = (TestClock::at(Timestamp::from_unix_micros(0)), Files::new());
    let store = SqliteStore::open(files.path("a"), time.clock()).await.unwrap();
    let pool = files.pool("a");
    let at = Timestamp::from_unix_micros;
    let sql = "SELECT expires FROM tower_auth_records WHERE handle = $1";
    let expires = async |key: &Key| -> i64 {
        let query = sqlx::query_scalar(sql);
        query.bind(&key.id.as_bytes()[..]).fetch_one(&pool).await.unwrap()
    };
    let mut number = 0_u32;
    for last in edges() {
        for idle in edges() {
            for absolute in edges() {
                number += 1;
                let mut id = [0; 16];
                id[..4].copy_from_slice(&number.to_be_bytes());
                let key = Key::new(RecordKind::Session, RecordId::new(id));
                let record = Record {
                    last: at(last),
                    idle: Duration::from_micros(idle),
                    absolute: at(absolute),
                    ..record(at(absolute), "{}")
                };
                let written = store.create(&key, &record).await.unwrap();
                assert!(matches!(written, Write::Done(_)));
                let is = expires(&key).await;
                assert_eq!(is, column(record.expires_at().as_unix_micros()), "{number}");
                if record.is_live(time.now()) {
                    assert!(found(&store, &key).await.record == record, "{last} {idle} {absolute}");
                }
            }
        }
    }
}

#[tokio::test]
async fn versions_go_on_about_the_middle_of_what_a_column_holds() {
    for start in [(1 << 63) - 2, 1 << 63, u64::MAX - 1000] {
        let time = TestClock::at(Timestamp::from_unix_micros(start));
        let files = Files::new();
        let store = SqliteStore::open(files.path("a"), time.clock()).await.unwrap();
        let record = Record { absolute: Timestamp::MAX, ..record(time.now(), "{}") };
        let mut version = put(&store, &key(1), &record).await;
        assert_eq!(version.get(), start);
        for _ in 0..4 {
            match store.save(&key(1), version, &record).await.unwrap() {
                Write::Done(next) => assert_eq!(next.get(), version.get() + 1),
                other => panic!("{other:?}"),
            }
            version = found(&store, &key(1)).await.version;
        }
    }
}

/// Runs the query that the documentation shows.
#[tokio::test]
async fn people_can_read_moments() {
    let (time, files) = (TestClock::new(), Files::new());
    let store = SqliteStore::open(files.path("a"), time.clock()).await.unwrap();
    put(&store, &key(1), &record(time.now(), "{}")).await;
    let sql = "SELECT datetime(created / 1000000 + 9223372036854, 'unixepoch') \
               FROM tower_auth_records";
    let text: String = sqlx::query_scalar(sql).fetch_one(&files.pool("a")).await.unwrap();
    assert_eq!(text, "2026-01-01 00:00:00");
}
