//! The store in a file.
#![cfg(feature = "sqlite")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tower_auth_core::Clock;
use tower_auth_sqlx::SqliteStore;
use tower_auth_sqlx::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use tower_auth_test::conformance::Harness;
use tower_auth_test::store_conformance;

#[path = "../support/mod.rs"]
mod support;

mod files;
mod values;

/// Files that are gone with the test.
struct Files(TempDir, AtomicU32);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"), AtomicU32::new(0))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The file, as somebody else opens it.
    fn pool(&self, name: &str) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.path(name));
        SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options)
    }
}

impl Harness for Files {
    type Store = SqliteStore;

    async fn store(&self, clock: Clock) -> SqliteStore {
        let path = self.path(&self.1.fetch_add(1, Ordering::SeqCst).to_string());
        // On a machine under load nothing is to be said of time.
        let builder = SqliteStore::builder(path, clock).timeout(Duration::from_secs(30));
        builder.open().await.expect("the file is opened")
    }
}

store_conformance!(conformance, Files::new());
