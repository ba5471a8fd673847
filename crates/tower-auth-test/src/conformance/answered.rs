//! Steps that a server may fail to answer.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;
use tower_auth_core::store::{StoreError, StoreErrorKind};

/// The limit for one step, and for a server to be found again. It is not a performance target: it
/// detects a step that gets stuck on a machine under load.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the answer of a step. Fails if it takes too long, or with any error except an
/// unavailable server.
pub(super) async fn answered<T>(
    step: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let answer = timeout(PATIENCE, step).await.expect("a step hangs");
    if let Err(error) = &answer {
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    }
    answer
}
