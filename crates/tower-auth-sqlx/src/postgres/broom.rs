//! What is over goes, some time later.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlStr;
use sqlx::postgres::PgPool;
use tower_auth_core::Clock;
use tower_auth_core::store::StoreError;

use super::PostgresStore;
use crate::table::broom::{before, sweep};
use crate::table::failure::within;

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
        let (sweeper, store) = (self.sweeper(), Arc::downgrade(&self.alive));
        async move { sweep(every, store, |limit| sweeper.clean_up(limit)).await }
    }

    fn sweeper(&self) -> Sweeper {
        let sql = self.statements.clean_up.clone();
        Sweeper { pool: self.pool.clone(), sql, clock: self.clock.clone(), timeout: self.timeout }
    }
}

struct Sweeper {
    pool: PgPool,
    sql: SqlStr,
    clock: Clock,
    timeout: Duration,
}

impl Sweeper {
    async fn clean_up(&self, limit: usize) -> Result<usize, StoreError> {
        let query = sqlx::query(self.sql.clone())
            .bind(before(self.clock.now()))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let done = within(self.timeout, query.execute(&self.pool)).await?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }
}
