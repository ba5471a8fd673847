//! Cleanup of expired rows.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlStr;
use sqlx::sqlite::SqlitePool;
use tower_auth_core::store::StoreError;

use super::store::SqliteStore;
use crate::table::cleanup::{Remove, Sweeper};

impl SqliteStore {
    /// Removes up to `limit` expired rows, records and tombstones, and returns the number removed.
    ///
    /// A row stays for ten minutes after its expiry, so that the versions of its key continue even
    /// if the clock is set back a little.
    ///
    /// # Errors
    /// [`Unavailable`](tower_auth_core::store::StoreErrorKind::Unavailable) if the file cannot be
    /// written.
    pub async fn clean_up(&self, limit: usize) -> Result<usize, StoreError> {
        self.sweeper().clean_up(limit).await
    }

    /// Returns a future that cleans up in small batches, now and after each interval `every`, until
    /// the store's last clone is dropped.
    ///
    /// Spawn the future. It does not keep the store alive.
    pub fn run_cleanup(&self, every: Duration) -> impl Future<Output = ()> + Send + use<> {
        self.sweeper().sweep(every, Arc::downgrade(&self.alive))
    }

    fn sweeper(&self) -> Sweeper<SqlitePool> {
        let sql = self.statements.clean_up.clone();
        Sweeper { pool: self.writer.clone(), sql, clock: self.clock.clone(), timeout: self.timeout }
    }
}

impl Remove for SqlitePool {
    async fn remove(&self, sql: SqlStr, before: i64, limit: i64) -> Result<u64, sqlx::Error> {
        Ok(sqlx::query(sql).bind(before).bind(limit).execute(self).await?.rows_affected())
    }
}
