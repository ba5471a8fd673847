//! A store with smaller limits than it could keep.

use tower_auth_core::store::{Limits, Store, StoreError};

use super::{Answer, Call, Intercept, Interceptor};
use crate::Step;

/// Wraps a store with changed limits, for tests of code that reads them.
///
/// `list` and `end_owned` are unsupported without [`lists`](Limits::lists), as the contract
/// requires.
///
/// ```
/// use tower_auth_core::store::Store;
/// use tower_auth_test::intercept::with_limits;
/// use tower_auth_test::{ModelStore, TestClock};
///
/// let store = ModelStore::new(TestClock::new().clock());
/// let store = with_limits(store, |limits| limits.lists(false));
/// assert!(!store.limits().lists);
/// ```
pub fn with_limits<S: Store>(
    store: S,
    change: impl FnOnce(Limits) -> Limits,
) -> Intercept<S, OtherLimits> {
    let limits = change(store.limits());
    Intercept::with(store, OtherLimits(limits))
}

/// The interceptor of [`with_limits`].
#[derive(Debug)]
pub struct OtherLimits(Limits);

impl<S: Store> Interceptor<S> for OtherLimits {
    async fn call(&self, store: &S, call: Call<'_>) -> Result<Answer, StoreError> {
        if !self.0.lists && matches!(call.step(), Step::List | Step::EndOwned) {
            return Err(StoreError::unsupported());
        }
        call.run(store).await
    }

    fn limits(&self, _: &S) -> Limits {
        self.0
    }
}
