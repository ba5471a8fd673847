//! The conformance suite on SQLite: a file for each store.
#![cfg(feature = "sqlite")]
#![allow(clippy::disallowed_methods, reason = "runs stores in tasks of their own")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tower_auth_core::Clock;
use tower_auth_core::store::Key;
use tower_auth_sqlx::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tower_auth_sqlx::{SqliteStore, sqlx};
use tower_auth_test::conformance::Harness;
use tower_auth_test::store_conformance;

#[path = "../support/mod.rs"]
mod support;

mod files;
mod values;

/// A long timeout: these tests do not measure time, and the machine may be under load.
const PATIENCE: Duration = Duration::from_secs(30);

/// A temporary directory, which is removed after the test.
struct Files(TempDir, AtomicU32);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"), AtomicU32::new(0))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Opens a store in the file `name`.
    async fn open(&self, name: &str, clock: Clock) -> SqliteStore {
        let builder = SqliteStore::builder(self.path(name), clock).timeout(PATIENCE);
        builder.open().await.expect("the file can be opened")
    }

    /// Opens the file as another process would.
    fn pool(&self, name: &str) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.path(name));
        SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options)
    }
}

impl Harness for Files {
    type Store = SqliteStore;

    async fn store(&self, clock: Clock) -> SqliteStore {
        let path = self.path(&self.1.fetch_add(1, Ordering::SeqCst).to_string());
        let builder = SqliteStore::builder(path, clock).timeout(PATIENCE);
        builder.open().await.expect("the file can be opened")
    }

    async fn clean_up(&self, store: &SqliteStore, _passed: Duration) {
        while store.clean_up(10).await.expect("the file can be written") == 10 {}
    }

    async fn row(&self, _store: &SqliteStore, key: &Key) -> Option<Vec<u8>> {
        // The file that was created last.
        let file = (self.1.load(Ordering::SeqCst) - 1).to_string();
        let sql = "SELECT owner, meta, data_json, data_bytes FROM tower_auth_records \
                   WHERE kind = $1 AND handle = $2";
        let query = sqlx::query_as(sql).bind(key.kind as i16).bind(&key.id.as_bytes()[..]);
        Some(support::row(
            query.fetch_optional(&self.pool(&file)).await.expect("the file can be read"),
        ))
    }
}

store_conformance!(conformance, Files::new());
