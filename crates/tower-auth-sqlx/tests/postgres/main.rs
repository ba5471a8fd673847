//! The conformance suite on a real PostgreSQL: one server for all tests, with a schema for each.
#![cfg(feature = "postgres")]
#![allow(clippy::disallowed_methods, reason = "runs a real server")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::Key;
use tower_auth_fixtures::server::Postgres;
use tower_auth_sqlx::sqlx::AssertSqlSafe;
use tower_auth_sqlx::sqlx::postgres::{PgPool, PgPoolOptions};
use tower_auth_sqlx::{PostgresStore, sqlx};
use tower_auth_test::conformance::{Harness, Restart};
use tower_auth_test::{restart_conformance, store_conformance};

#[path = "../support/mod.rs"]
mod support;

mod cleaning;
mod faults;
mod feeding;
mod migrating;
mod near;
mod values;

static SERVER: LazyLock<Postgres> = LazyLock::new(Postgres::start);
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

fn pool_of(url: &str) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(8);
    pool.connect_lazy(url).expect("a valid URL")
}

fn pool() -> PgPool {
    pool_of(&SERVER.url())
}

/// Returns a new schema name.
fn schema() -> String {
    format!("test_{}", SCHEMAS.fetch_add(1, Ordering::SeqCst))
}

/// A store over `schema`, as another node would use it.
fn node(schema: &str, clock: Clock) -> PostgresStore {
    node_at(SERVER.port(), schema, clock)
}

/// A store that connects through `port`. The server's list of connections shows it with the
/// schema's name.
fn node_at(port: u16, schema: &str, clock: Clock) -> PostgresStore {
    let server = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let pool = pool_of(&format!("{server}?application_name={schema}"));
    let builder = PostgresStore::builder(pool, clock).schema(schema);
    // A long timeout: these tests do not measure time, and the machine may be under load.
    builder.timeout(Duration::from_secs(30)).build().expect("a name")
}

/// Ends every connection on which feeds of the schema's nodes listen.
async fn end_feeds(schema: &str) {
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE application_name = $1 AND (query LIKE 'LISTEN%' OR query = $2)";
    let end = sqlx::query_scalar::<_, i64>(end).bind(schema).bind("SELECT pg_is_in_recovery()");
    assert!(end.fetch_one(&pool()).await.expect("the server answers") > 0, "there was no feed");
}

async fn store(clock: Clock) -> PostgresStore {
    let store = node(&schema(), clock);
    store.migrate().await.expect("the migration succeeds");
    store
}

/// The schema of the store that was created last.
#[derive(Default)]
struct Schemas(Mutex<String>);

impl Harness for Schemas {
    type Store = PostgresStore;

    async fn store(&self, clock: Clock) -> PostgresStore {
        let schema = schema();
        let store = node(&schema, clock);
        store.migrate().await.expect("the migration succeeds");
        *self.0.lock().unwrap() = schema;
        store
    }

    async fn clean_up(&self, store: &PostgresStore, _passed: Duration) {
        while store.clean_up(10).await.expect("the server answers") == 10 {}
    }

    async fn row(&self, _store: &PostgresStore, key: &Key) -> Option<Vec<u8>> {
        let schema = self.0.lock().unwrap().clone();
        let sql = format!(
            "SELECT owner, meta, data_json::text, data_bytes FROM {schema}.tower_auth_records \
             WHERE kind = $1 AND handle = $2"
        );
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(key.kind as i16);
        let query = query.bind(&key.id.as_bytes()[..]);
        Some(support::row(query.fetch_optional(&pool()).await.expect("the server answers")))
    }
}

store_conformance!(conformance, Schemas::default());

/// A server of its own, because the test kills it.
struct OwnServer(Mutex<Postgres>);

impl OwnServer {
    fn start() -> Self {
        Self(Mutex::new(Postgres::start()))
    }
}

impl Harness for OwnServer {
    type Store = PostgresStore;

    async fn store(&self, clock: Clock) -> PostgresStore {
        let url = self.0.lock().unwrap().url();
        // These options ping no connection that was used recently.
        let pool = PostgresStore::pool_options().max_connections(4);
        let builder = PostgresStore::builder(pool.connect_lazy(&url).expect("a url"), clock);
        let store = builder.timeout(Duration::from_secs(2)).build().expect("a name");
        store.migrate().await.expect("the migration succeeds");
        store
    }
}

impl Restart for OwnServer {
    fn keeps(&self) -> bool {
        true
    }

    async fn kill(&self) {
        self.0.lock().unwrap().kill();
    }

    async fn start(&self) {
        self.0.lock().unwrap().restart();
    }
}

restart_conformance!(restarted, OwnServer::start());
