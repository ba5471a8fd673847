//! What is over goes, some time later.

use std::time::Duration;

use tower_auth_core::Timestamp;

use crate::table::number::to_column;

/// How long a row is left after it is over: the versions of its key go on from it.
const GRACE: Duration = Duration::from_secs(600);

/// What was over by then may go now.
pub(crate) fn before(now: Timestamp) -> i64 {
    let grace = Timestamp::from_unix_micros(0) + GRACE;
    let micros = now.as_unix_micros().saturating_sub(grace.as_unix_micros());
    to_column(micros)
}
