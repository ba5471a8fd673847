//! What is over goes, some time later.

use std::future::Future;
use std::sync::Weak;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::StoreError;

use super::columns::moment;
use crate::runtime::sleep;

/// How long a row is left after it is over: the versions of its key go on from it.
const GRACE: Duration = Duration::from_secs(600);
/// How many rows go in one step: few enough that nobody waits for it.
const BATCH: usize = 500;

/// What was over by then may go now, as the column has it.
pub(crate) fn before(now: Timestamp) -> i64 {
    let epoch = Timestamp::from_unix_micros(0);
    moment(epoch + now.since(epoch + GRACE))
}

/// Cleans up, batch by batch until nothing is left, each interval, as long as the store is there.
///
/// What a batch could not do the next one does: a broom tells nobody, and the layers' own steps
/// fail, and are told, where the database is away.
pub(crate) async fn sweep<F>(every: Duration, store: Weak<()>, clean_up: impl Fn(usize) -> F)
where
    F: Future<Output = Result<usize, StoreError>>,
{
    while store.strong_count() > 0 {
        while let Ok(BATCH) = clean_up(BATCH).await {}
        sleep(every).await;
    }
}
