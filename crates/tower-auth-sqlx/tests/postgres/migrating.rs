//! Tests that nodes which start together create the tables once.

use std::time::Duration;

use tokio::task::JoinSet;
use tower_auth_core::store::{EndReason, Store};
use tower_auth_sqlx::sqlx::{self, AssertSqlSafe};
use tower_auth_sqlx::{PostgresStore, SqlxConfigError};
use tower_auth_test::TestClock;

use super::{node, pool, schema};
use crate::support::{assert_unavailable, found, key, put, record};

#[tokio::test(flavor = "multi_thread")]
async fn many_nodes_make_the_tables_at_once() {
    let (time, schema) = (TestClock::new(), schema());
    let mut nodes = JoinSet::new();
    for _ in 0..8 {
        let node = node(&schema, time.clock());
        nodes.spawn(async move { node.migrate().await });
    }
    assert!(nodes.join_all().await.iter().all(Result::is_ok));
    let store = node(&schema, time.clock());
    put(&store, &key(1), &record(time.now(), "{}")).await;
}

#[tokio::test]
async fn a_second_time_changes_nothing() {
    let (time, schema) = (TestClock::new(), schema());
    let store = node(&schema, time.clock());
    store.migrate().await.unwrap();
    let version = put(&store, &key(1), &record(time.now(), "{}")).await;
    store.migrate().await.unwrap();
    assert_eq!(found(&store, &key(1)).await.version, version);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let (time, schema) = (TestClock::new(), schema());
    let store = node(&schema, time.clock());
    store.migrate().await.unwrap();
    let newer = format!("INSERT INTO {schema}.tower_auth_migrations VALUES (99)");
    sqlx::query(AssertSqlSafe(newer)).execute(&pool()).await.unwrap();
    assert_unavailable(store.migrate().await);
}

#[tokio::test]
async fn without_tables_it_is_unavailable() {
    let time = TestClock::new();
    let store = node(&schema(), time.clock());
    assert_unavailable(store.load(&key(1)).await);
    assert_unavailable(store.create(&key(1), &record(time.now(), "{}")).await);
}

#[tokio::test]
async fn two_prefixes_are_two_stores() {
    let (time, schema) = (TestClock::new(), schema());
    let with = async |prefix| {
        let builder = PostgresStore::builder(pool(), time.clock());
        let store = builder.schema(&schema).table_prefix(prefix).build().unwrap();
        store.migrate().await.unwrap();
        store
    };
    let (one, other) = (with("one_").await, with("other_").await);
    put(&one, &key(1), &record(time.now(), "1")).await;
    put(&other, &key(1), &record(time.now(), "2")).await;
    assert!(found(&one, &key(1)).await.record.data == "1");
}

/// Listeners on a schema with a keyword as its name receive notifications too.
#[tokio::test(flavor = "multi_thread")]
async fn a_schema_may_be_called_by_a_word_of_sqls_own() {
    let time = TestClock::new();
    for word in ["user", "table", "select", "order"] {
        let store = node(word, time.clock());
        store.migrate().await.unwrap();
        store.migrate().await.unwrap();
        let version = put(&store, &key(1), &record(time.now(), "{}")).await;
        assert_eq!(found(&store, &key(1)).await.version, version, "{word}");
        let mut listener = sqlx::postgres::PgListener::connect_with(&pool()).await.unwrap();
        listener.listen(&format!("{word}.tower_auth_records")).await.unwrap();
        store.end(&key(1), EndReason::Kicked, Duration::from_secs(60)).await.unwrap();
        assert_eq!(listener.recv().await.unwrap().payload(), key(1).to_string());
    }
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    for name in ["a;drop table x", "a\"", "a b", "A", "", "1"] {
        let builder = || PostgresStore::builder(pool(), TestClock::new().clock());
        let refused = builder().schema(name).build();
        assert!(matches!(refused, Err(SqlxConfigError::Name("schema"))), "{name:?}");
        let refused = builder().table_prefix(name).build();
        assert!(matches!(refused, Err(SqlxConfigError::Name("table_prefix"))), "{name:?}");
    }
}
