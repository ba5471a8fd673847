//! Tests with a server that is down, hangs or refuses. The store reports it as unavailable and
//! finds the server again.

use std::time::Duration;

use tower_auth_core::store::{
    EndReason, Key, ListParams, Load, Record, RecordId, RecordKind, Store, StoreError,
    StoreErrorKind, Write,
};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Postgres;
use tower_auth_sqlx::PostgresStore;
use tower_auth_sqlx::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tower_auth_sqlx::sqlx::{self, AssertSqlSafe};
use tower_auth_test::TestClock;

use super::{SERVER, node, pool, pool_of, schema};
use crate::support::{IDLE, assert_unavailable, found, key, owner, put, record};

/// The key `key(1)` as a constant, for futures that borrow it.
const ONE: Key = Key::new(RecordKind::Session, RecordId::new([1; 16]));

/// Repeats the step until the server answers.
async fn until_there<T, F: Future<Output = Result<T, StoreError>>>(step: impl Fn() -> F) -> T {
    let again = async {
        loop {
            match step().await {
                Ok(answer) => return answer,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(60), again).await;
    found.expect("the server is found again")
}

/// Fails fast although the time-outs of the pool and of the store are one hour each.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_refuses_connections_is_not_waited_for() {
    let hour = Duration::from_secs(60 * 60);
    let mut server = Postgres::start();
    let time = TestClock::new();
    let pool = PgPoolOptions::new().max_connections(8).acquire_timeout(hour);
    let builder = PostgresStore::builder(pool.connect_lazy(&server.url()).unwrap(), time.clock());
    let store = builder.timeout(hour).build().unwrap();
    store.migrate().await.unwrap();
    let version = put(&store, &key(1), &record(time.now(), "{}")).await;
    server.kill();
    let steps = async {
        for _ in 0..20 {
            assert_unavailable(store.load(&ONE).await);
        }
        assert_unavailable(store.save(&ONE, version, &record(time.now(), "1")).await);
        assert_unavailable(store.end(&ONE, EndReason::Kicked, IDLE).await);
        assert_unavailable(store.list(ListParams::new(owner(1), 9)).await);
    };
    tokio::time::timeout(Duration::from_secs(60), steps).await.expect("the steps fail fast");
    server.restart();
    until_there(|| store.load(&ONE)).await;
    assert_eq!(found(&store, &key(1)).await.version, version);
}

/// Error texts may end up in a log.
#[tokio::test]
async fn errors_tell_no_secrets() {
    let time = TestClock::new();
    let secret = Record { meta: "hunter2".into(), ..record(time.now(), "{\"hunter2\":1}") };
    // The server quotes the row that it refuses, after the table was changed.
    let schema = schema();
    let changed = node(&schema, time.clock());
    changed.migrate().await.unwrap();
    let sql = format!("ALTER TABLE {schema}.tower_auth_records ADD CHECK (kind > 1)");
    sqlx::query(AssertSqlSafe(sql)).execute(&pool()).await.unwrap();
    // No server listens, and the URL contains a password.
    let port = tower_auth_fixtures::server::free_port();
    let url = format!("postgres://hunter2:hunter2@127.0.0.1:{port}/postgres");
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_millis(50));
    let away = PostgresStore::new(pool.connect_lazy(&url).unwrap(), time.clock());
    for store in [changed, away] {
        let error = store.create(&key(1), &secret).await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        let told = format!("{error} {error:?} {source} {source:?} {store:?} {:?}", store.feed());
        assert!(!told.contains("hunter2"), "{told}");
    }
}

/// Connections hang without being closed, so the store's own time-out applies.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_hangs_is_unavailable_and_found_again() {
    let (time, schema) = (TestClock::new(), schema());
    let proxy = Proxy::start(SERVER.port());
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", proxy.port());
    let builder = PostgresStore::builder(pool_of(&url), time.clock());
    let store = builder.schema(&schema).timeout(Duration::from_millis(200)).build().unwrap();
    until_there(|| store.migrate()).await;
    let version =
        until_there(async || match store.create(&key(1), &record(time.now(), "{}")).await? {
            Write::Done(version) => Ok(version),
            _ => match store.load(&key(1)).await? {
                Load::Found(stored) => Ok(stored.version),
                _ => panic!("the record is gone"),
            },
        });
    let version = version.await;
    proxy.black_hole(true);
    assert_unavailable(store.load(&key(1)).await);
    assert_unavailable(store.save(&key(1), version, &record(time.now(), "{\"n\":2}")).await);
    assert_unavailable(store.touch(&key(1), time.now()).await);
    assert_unavailable(store.clean_up(1).await);
    proxy.black_hole(false);
    // A pending write may have been applied: the record is completely the old one or the new one.
    let Load::Found(stored) = until_there(|| store.load(&ONE)).await else {
        panic!("the record is gone")
    };
    assert!(stored.record.data == "{}" || stored.record.data == "{\"n\":2}");
}

/// The server's first process is stopped, so new connections hang.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_server_lets_no_one_in_and_is_found_again() {
    let server = Postgres::start();
    let time = TestClock::new();
    let made = PostgresStore::new(pool_of(&server.url()), time.clock());
    made.migrate().await.unwrap();
    server.pause();
    let store = loop {
        let builder = PostgresStore::builder(pool_of(&server.url()), time.clock());
        let store = builder.timeout(Duration::from_millis(500)).build().unwrap();
        // A connection from before the stop is still served.
        if let Err(error) = store.load(&key(1)).await {
            assert_eq!(error.kind(), StoreErrorKind::Unavailable);
            break store;
        }
    };
    server.resume();
    until_there(|| store.load(&ONE)).await;
}

/// Another transaction locks the record: the step times out, and leaves no stuck connection.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_another_holds_is_unavailable_for_so_long() {
    let (time, schema) = (TestClock::new(), schema());
    let made = node(&schema, time.clock());
    made.migrate().await.unwrap();
    let version = put(&made, &key(1), &record(time.now(), "1")).await;
    let other = pool();
    let mut held = other.begin().await.unwrap();
    let sql = format!("SELECT 1 FROM {schema}.tower_auth_records FOR UPDATE");
    sqlx::query(AssertSqlSafe(sql)).execute(&mut *held).await.unwrap();

    let two = PgPoolOptions::new().max_connections(2).connect_lazy(&SERVER.url()).unwrap();
    let builder = PostgresStore::builder(two, time.clock()).schema(&schema);
    let store = builder.timeout(Duration::from_millis(500)).build().unwrap();
    for _ in 0..3 {
        assert_unavailable(store.save(&key(1), version, &record(time.now(), "2")).await);
    }
    held.rollback().await.unwrap();
    let stored = until_there(|| store.load(&ONE)).await;
    assert!(matches!(stored, Load::Found(it) if it.record.data == "1" || it.record.data == "2"));
    until_there(|| store.end(&ONE, EndReason::Kicked, IDLE)).await;
    assert!(matches!(made.load(&key(1)).await, Ok(Load::Ended { reason: EndReason::Kicked, .. })));
}

#[tokio::test]
async fn a_server_that_only_reads_answers_loads_and_refuses_the_rest() {
    let (time, schema) = (TestClock::new(), schema());
    let made = node(&schema, time.clock());
    made.migrate().await.unwrap();
    let version = put(&made, &key(1), &record(time.now(), "{}")).await;
    let options: PgConnectOptions = SERVER.url().parse().unwrap();
    let options = options.options([("default_transaction_read_only", "on")]);
    let pool = PgPoolOptions::new().connect_lazy_with(options);
    let builder = PostgresStore::builder(pool, time.clock()).schema(&schema);
    let store = builder.timeout(Duration::from_secs(30)).build().unwrap();
    found(&store, &key(1)).await;
    assert_unavailable(store.save(&key(1), version, &record(time.now(), "2")).await);
    assert_unavailable(store.end(&key(1), EndReason::Kicked, IDLE).await);
    assert_eq!(found(&made, &key(1)).await.version, version, "nothing was changed");
}
