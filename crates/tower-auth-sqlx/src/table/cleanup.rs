//! Cleanup of expired rows, shared by both databases.

use std::future::Future;
use std::sync::Weak;
use std::time::Duration;

use sqlx::SqlStr;
use tower_auth_core::store::StoreError;
use tower_auth_core::{Clock, Timestamp};

use super::columns::moment;
use super::failure::within;
use crate::runtime::sleep;

/// The time that a row stays after its expiry, so that the versions of its key continue.
const GRACE: Duration = Duration::from_secs(600);
/// The number of rows that one step removes: small enough not to delay other steps.
const BATCH: usize = 500;

/// A pool that can remove rows.
pub(crate) trait Remove: Send + Sync {
    /// Runs `sql` with the two parameters of a clean-up. Returns the number of rows removed.
    fn remove(
        &self,
        sql: SqlStr,
        before: i64,
        limit: i64,
    ) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;
}

/// Removes expired rows of a store's table, without keeping the store alive.
pub(crate) struct Sweeper<P> {
    pub(crate) pool: P,
    pub(crate) sql: SqlStr,
    pub(crate) clock: Clock,
    pub(crate) timeout: Duration,
}

impl<P: Remove> Sweeper<P> {
    /// Removes up to `limit` expired rows. Returns the number removed.
    pub(crate) async fn clean_up(&self, limit: usize) -> Result<usize, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let step = self.pool.remove(self.sql.clone(), before(self.clock.now()), limit);
        let removed = within(self.timeout, step).await?;
        Ok(usize::try_from(removed).unwrap_or(usize::MAX))
    }

    /// Cleans up at each interval `every`, batch by batch until nothing is left, while the store
    /// exists.
    ///
    /// A failed batch is not reported, because the next one does its work. If the database is down,
    /// the layers' own steps fail and are reported.
    pub(crate) async fn sweep(self, every: Duration, store: Weak<()>) {
        while store.strong_count() > 0 {
            while let Ok(BATCH) = self.clean_up(BATCH).await {}
            sleep(every).await;
        }
    }
}

/// Returns the latest expiry of a row that may be removed now, as a column value.
fn before(now: Timestamp) -> i64 {
    let epoch = Timestamp::from_unix_micros(0);
    moment(epoch + now.since(epoch + GRACE))
}
