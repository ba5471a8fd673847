//! A server that is away is away: nothing is invented, and it is found again without a new store.

use std::time::Duration;

use tower_auth_core::store::{
    ErrorKind, Handle, Key, Kind, ListParams, Load, Reason, Record, Store, StoreError, Write,
};
use tower_auth_fixtures::proxy::Proxy;
use tower_auth_fixtures::server::Postgres;
use tower_auth_sqlx::PostgresStore;
use tower_auth_sqlx::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tower_auth_sqlx::sqlx::{self, AssertSqlSafe};
use tower_auth_test::TestClock;

use super::{SERVER, node, pool, pool_of, schema};
use crate::support::{IDLE, assert_unavailable, found, key, owner, put, record};

/// `key(1)`, for as long as it takes.
const ONE: Key = Key::new(Kind::Session, Handle::new([1; 16]));

/// Asks until it is there again.
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
    found.expect("it is found again")
}

/// Neither the pool's patience nor ours is waited for: each is an hour.
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
        assert_unavailable(store.end(&ONE, Reason::Kicked, IDLE).await);
        assert_unavailable(store.list(ListParams::new(owner(1), 9)).await);
    };
    tokio::time::timeout(Duration::from_secs(60), steps).await.expect("no hour was waited");
    server.restart();
    until_there(|| store.load(&ONE)).await;
    assert_eq!(found(&store, &key(1)).await.version, version);
}

/// What is told of a failure may come into a log.
#[tokio::test]
async fn errors_tell_no_secrets() {
    let time = TestClock::new();
    let secret = Record { meta: "hunter2".into(), ..record(time.now(), "{\"hunter2\":1}") };
    // Somebody has changed the table: the server quotes the row that it refuses.
    let schema = schema();
    let changed = node(&schema, time.clock());
    changed.migrate().await.unwrap();
    let sql = format!("ALTER TABLE {schema}.tower_auth_records ADD CHECK (kind > 1)");
    sqlx::query(AssertSqlSafe(sql)).execute(&pool()).await.unwrap();
    // Nobody is there, and the address holds a password.
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

/// Connections hang and none is closed: the time-out is ours.
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
    // What was on its way may have been done: the record is the old one or the new one, whole.
    let Load::Found(stored) = until_there(|| store.load(&ONE)).await else {
        panic!("the record is gone")
    };
    assert!(stored.record.data == "{}" || stored.record.data == "{\"n\":2}");
}

/// The server's first process hangs: nobody gets in.
#[tokio::test(flavor = "multi_thread")]
async fn a_paused_server_lets_nobody_in_and_is_found_again() {
    let server = Postgres::start();
    let time = TestClock::new();
    let made = PostgresStore::new(pool_of(&server.url()), time.clock());
    made.migrate().await.unwrap();
    server.pause();
    let store = loop {
        let builder = PostgresStore::builder(pool_of(&server.url()), time.clock());
        let store = builder.timeout(Duration::from_millis(500)).build().unwrap();
        // Who got in before it stopped is served.
        if let Err(error) = store.load(&key(1)).await {
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            break store;
        }
    };
    server.resume();
    until_there(|| store.load(&ONE)).await;
}

/// Another holds the record: the step gives up in time, and leaves no connection stuck.
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
    until_there(|| store.end(&ONE, Reason::Kicked, IDLE)).await;
    assert!(matches!(made.load(&key(1)).await, Ok(Load::Ended { reason: Reason::Kicked, .. })));
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
    assert_unavailable(store.end(&key(1), Reason::Kicked, IDLE).await);
    assert_eq!(found(&made, &key(1)).await.version, version, "nothing was changed");
}
