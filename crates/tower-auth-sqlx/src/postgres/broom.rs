//! What is over goes, some time later.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlStr;
use sqlx::postgres::PgPool;
use tower_auth_core::store::StoreError;

use super::store::PostgresStore;
use crate::table::broom::{Remove, Sweeper};

impl PostgresStore {
    /// Removes at most so many rows that are over, records and tombstones; says how many.
    ///
    /// They are left for ten minutes after they are over, so that the versions of a key go on across
    /// its records also where the nodes' clocks differ a little. Several nodes may do it at once: none
    /// waits for another.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn clean_up(&self, limit: usize) -> Result<usize, StoreError> {
        self.sweeper().clean_up(limit).await
    }

    /// Cleans up in small batches, now and again and again after that interval, until the store's last
    /// clone is dropped. Spawn it, on each node if you like; it does not keep the store.
    pub fn broom(&self, every: Duration) -> impl Future<Output = ()> + Send + use<> {
        self.sweeper().sweep(every, Arc::downgrade(&self.alive))
    }

    fn sweeper(&self) -> Sweeper<PgPool> {
        let sql = self.statements.clean_up.clone();
        Sweeper { pool: self.pool.clone(), sql, clock: self.clock.clone(), timeout: self.timeout }
    }
}

impl Remove for PgPool {
    async fn remove(&self, sql: SqlStr, before: i64, limit: i64) -> Result<u64, sqlx::Error> {
        Ok(sqlx::query(sql).bind(before).bind(limit).execute(self).await?.rows_affected())
    }
}
