//! Steps that a server may fail to answer.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;
use tower_auth_core::store::{ErrorKind, StoreError};

/// The longest that a step may take, and that a server may take to be found again. Not what is good:
/// it tells a step that hangs, on a machine under load.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A step's answer, which comes in time and is no error but that the server is away.
pub(super) async fn answered<T>(
    step: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let answer = timeout(PATIENCE, step).await.expect("a step hangs");
    if let Err(error) = &answer {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    answer
}
