//! A store whose every step waits at a gate.

use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, Key, Limits, ListParams, Load, Page, Reason, Record, Store, StoreError,
    Version, Write,
};

use super::Gate;
use crate::Step;

/// Wraps any store: each step waits until a schedule lets it go, and then is done in one piece.
///
/// `load_now` cannot say, so that loads are steps too. A clone is the same store behind the same
/// gate: two nodes with one store.
pub struct GateStore<S> {
    inner: Arc<S>,
    gate: Gate,
}

impl<S: Store> GateStore<S> {
    /// Puts a gate, still open, before a store.
    #[must_use]
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), gate: Gate::default() }
    }

    /// The gate.
    #[must_use]
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// The store behind the gate, for looking at without a step.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.inner
    }
}

impl<S> Clone for GateStore<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), gate: self.gate.clone() }
    }
}

impl<S: Store> Store for GateStore<S> {
    fn limits(&self) -> Limits {
        self.inner.limits()
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.gate.pass(Step::Create).await;
        self.inner.create(key, record).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        self.gate.pass(Step::Load).await;
        self.inner.load(key).await
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        self.gate.pass(Step::Save).await;
        self.inner.save(key, expected, record).await
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        self.gate.pass(Step::Touch).await;
        self.inner.touch(key, seen).await
    }

    async fn end(&self, key: &Key, reason: Reason, keep: Duration) -> Result<(), StoreError> {
        self.gate.pass(Step::End).await;
        self.inner.end(key, reason, keep).await
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.gate.pass(Step::List).await;
        self.inner.list(params).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        self.gate.pass(Step::EndOwned).await;
        self.inner.end_owned(params).await
    }
}

tower_auth_core::opaque_debug!([S] GateStore<S>, "GateStore");
