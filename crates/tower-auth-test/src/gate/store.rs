//! A store whose every step waits at a gate.

use tower_auth_core::store::{Store, StoreError};

use super::Gate;
use crate::intercept::{Answer, Call, Intercept, Interceptor};

/// Wraps any store: each step waits until a schedule lets it go, and then is done in one piece.
///
/// `load_now` cannot say, so that loads are steps too. A clone is the same store behind the same
/// gate: two nodes with one store.
pub type GateStore<S> = Intercept<S, Gate>;

impl<S: Store> Intercept<S, Gate> {
    /// Puts a gate, still open, before a store.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self::with(inner, Gate::default())
    }

    /// The gate.
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
