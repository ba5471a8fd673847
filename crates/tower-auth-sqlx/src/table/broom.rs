//! What is over goes, some time later.

use std::future::Future;
use std::sync::Weak;
use std::time::Duration;

use sqlx::SqlStr;
use tower_auth_core::store::StoreError;
use tower_auth_core::{Clock, Timestamp};

use super::columns::moment;
use super::failure::within;
use crate::runtime::sleep;

/// How long a row is left after it is over: the versions of its key go on from it.
const GRACE: Duration = Duration::from_secs(600);
/// How many rows go in one step: few enough that nobody waits for it.
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

/// What cleans up in a store's table, without keeping the store.
pub(crate) struct Sweeper<P> {
    pub(crate) pool: P,
    pub(crate) sql: SqlStr,
    pub(crate) clock: Clock,
    pub(crate) timeout: Duration,
}

impl<P: Remove> Sweeper<P> {
    /// Removes up to `limit` rows that are over. Returns how many.
    pub(crate) async fn clean_up(&self, limit: usize) -> Result<usize, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let step = self.pool.remove(self.sql.clone(), before(self.clock.now()), limit);
        let removed = within(self.timeout, step).await?;
        Ok(usize::try_from(removed).unwrap_or(usize::MAX))
    }

    /// Cleans up, batch by batch until nothing is left, each interval, as long as the store is there.
    ///
    /// What a batch could not do the next one does: a broom tells nobody, and the layers' own steps
    /// fail, and are told, where the database is away.
    pub(crate) async fn sweep(self, every: Duration, store: Weak<()>) {
        while store.strong_count() > 0 {
            while let Ok(BATCH) = self.clean_up(BATCH).await {}
            sleep(every).await;
        }
    }
}

/// The latest end of a row that may go now, as the column has it.
fn before(now: Timestamp) -> i64 {
    let epoch = Timestamp::from_unix_micros(0);
    moment(epoch + now.since(epoch + GRACE))
}
