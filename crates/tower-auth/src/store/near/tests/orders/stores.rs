//! The stores of the nodes in these fixtures, and the naive cache that the fixtures must detect.

use std::collections::HashMap;
use tower_auth_core::store::{Asked, EndOwnedParams, ListParams};

use super::*;

/// A node's connection to the store. It records the changes. If it is slow, the schedule also
/// decides when the answer arrives.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) store: Gated,
    pub(super) slow: bool,
    pub(super) seen: Arc<Mutex<Seen>>,
}

impl Line {
    /// A step that changes nothing, and only takes a place in the order.
    pub(super) async fn step(&self) {
        let _ = self.store.inner().list(ListParams::new(ALICE, 1)).await;
    }

    async fn back<T>(&self, answer: T) -> T {
        if self.slow {
            self.step().await;
        }
        answer
    }

    fn changed(&self, rank: impl FnOnce(Rank) -> Rank) {
        let mut seen = self.seen.lock().unwrap();
        let newest = seen.changes.iter().copied().max().unwrap_or(0);
        seen.changes.push(rank(newest));
    }
}

impl Store for Line {
    fn limits(&self) -> Limits {
        self.store.limits()
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.store.create(key, record).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        self.back(self.store.load(key).await).await
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        let write = self.store.save(key, expected, record).await?;
        if let Write::Done(version) = write {
            self.changed(|_| version.get());
        }
        self.back(Ok(write)).await
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        self.store.touch(key, seen).await?;
        // A touch keeps the version, but is pushed too.
        self.changed(|newest| newest);
        self.back(Ok(())).await
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        self.store.end(key, reason, keep).await?;
        self.changed(|_| END);
        self.back(Ok(())).await
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.store.list(params).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let ended = self.store.end_owned(params).await;
        self.changed(|_| END);
        self.back(ended).await
    }
}

/// A wrong cache. It keeps every read, drops an entry when a change is pushed or its own write
/// returns, and does not discard reads in progress.
pub(super) struct Naive {
    pub(super) store: Line,
    pub(super) kept: Arc<Kept>,
}

#[derive(Default)]
pub(super) struct Kept(Mutex<HashMap<Key, Load>>);

impl Listener for Kept {
    fn changed(&self, key: &Key) {
        self.0.lock().unwrap().remove(key);
    }

    fn lost(&self) {
        self.0.lock().unwrap().clear();
    }

    fn asks(&self) -> Asked {
        Asked::at(0)
    }

    fn answered(&self, _: Asked) {}
}

impl Store for Naive {
    fn limits(&self) -> Limits {
        self.store.limits()
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        self.store.create(key, record).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let load = self.store.load(key).await?;
        self.kept.0.lock().unwrap().insert(*key, load.clone());
        Ok(load)
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        self.kept.0.lock().unwrap().get(key).cloned()
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        let write = self.store.save(key, expected, record).await;
        self.kept.changed(key);
        write
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let touched = self.store.touch(key, seen).await;
        self.kept.changed(key);
        touched
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        let ended = self.store.end(key, reason, keep).await;
        self.kept.changed(key);
        ended
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.store.list(params).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        self.store.end_owned(params).await
    }
}
