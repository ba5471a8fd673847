//! The contract on a real PostgreSQL: one server for all tests, a schema for each.
#![cfg(feature = "postgres")]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::{PgPool, PgPoolOptions};
use tower_auth_core::Clock;
use tower_auth_fixtures::server::Postgres;
use tower_auth_sqlx::{PostgresStore, sqlx};
use tower_auth_test::conformance::Harness;
use tower_auth_test::store_conformance;

static SERVER: LazyLock<Postgres> = LazyLock::new(Postgres::start);
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

fn pool() -> PgPool {
    let pool = PgPoolOptions::new().max_connections(8);
    pool.connect_lazy(&SERVER.url()).expect("the address is one")
}

struct Schemas;

impl Harness for Schemas {
    type Store = PostgresStore;

    async fn store(&self, clock: Clock) -> PostgresStore {
        let schema = format!("test_{}", SCHEMAS.fetch_add(1, Ordering::SeqCst));
        let builder = PostgresStore::builder(pool(), clock).schema(&schema).expect("a name");
        let store = builder.build();
        store.migrate().await.expect("the tables are made");
        store
    }
}

store_conformance!(conformance, Schemas);
