//! A store whose every step waits at a gate.

use tower_auth_core::store::{Store, StoreError};

use super::Gate;
use crate::intercept::{Answer, Call, Intercept, Interceptor};

/// Wraps any store. Each step waits until a schedule releases it, and then completes atomically.
///
/// `load_now` returns `None`, so that loads are steps too. A clone is the same store behind the
/// same gate, like two nodes with one store.
pub type GateStore<S> = Intercept<S, Gate>;

impl<S: Store> Intercept<S, Gate> {
    /// Puts a gate in front of a store. The gate is open at first.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self::with(inner, Gate::default())
    }

    /// Returns the gate.
    #[must_use]
    pub fn gate(&self) -> Gate {
        self.interceptor().clone()
    }
}

impl<S: Store> Interceptor<S> for Gate {
    async fn call(&self, store: &S, call: Call<'_>) -> Result<Answer, StoreError> {
        self.pass(call.step()).await;
        call.run(store).await
    }
}
