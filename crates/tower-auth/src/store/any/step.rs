//! The future of a store's step.

use std::pin::Pin;

use tower_auth_core::store::StoreError;

/// A boxed future for I/O. The cost of the box is small beside the round trip.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(super) type Step<T> = BoxFuture<Result<T, StoreError>>;
