//! The contract on SQLite.
#![cfg(feature = "sqlite")]

use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tower_auth_core::Clock;
use tower_auth_sqlx::SqliteStore;
use tower_auth_test::conformance::Harness;
use tower_auth_test::store_conformance;

/// A file for each store, gone with the test.
struct Files(TempDir, AtomicU32);

impl Files {
    fn new() -> Self {
        Self(TempDir::new().expect("a temporary directory"), AtomicU32::new(0))
    }
}

impl Harness for Files {
    type Store = SqliteStore;

    async fn store(&self, clock: Clock) -> SqliteStore {
        let path = self.0.path().join(self.1.fetch_add(1, Ordering::SeqCst).to_string());
        SqliteStore::open(path, clock).await.expect("the file is opened")
    }
}

store_conformance!(conformance, Files::new());
