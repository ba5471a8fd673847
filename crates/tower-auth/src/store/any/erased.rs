//! The contract as an object-safe trait.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, Version, Write,
};

use super::step::Step;
use super::watch::Watch;

/// [`Store`] with owned keys and `self` in an `Arc`, so that a single boxed future is `Send +
/// 'static`.
pub(super) trait DynStore: Send + Sync {
    fn limits(&self) -> Limits;
    fn load_now(&self, key: &Key) -> Option<Load>;
    fn load(self: Arc<Self>, watch: Arc<Watch>, key: Key) -> Step<Load>;
    fn create(self: Arc<Self>, watch: Arc<Watch>, key: Key, record: Record) -> Step<Write>;
    fn save(
        self: Arc<Self>,
        watch: Arc<Watch>,
        key: Key,
        expected: Version,
        record: Record,
    ) -> Step<Write>;
    fn touch(self: Arc<Self>, watch: Arc<Watch>, key: Key, seen: Timestamp) -> Step<()>;
    fn end(
        self: Arc<Self>,
        watch: Arc<Watch>,
        key: Key,
        reason: EndReason,
        keep: Duration,
    ) -> Step<()>;
    fn list(self: Arc<Self>, watch: Arc<Watch>, params: ListParams) -> Step<Page>;
    fn end_owned(self: Arc<Self>, watch: Arc<Watch>, params: EndOwnedParams) -> Step<usize>;
}

impl<S: Store> DynStore for S {
    fn limits(&self) -> Limits {
        Store::limits(self)
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        Store::load_now(self, key)
    }

    fn load(self: Arc<Self>, watch: Arc<Watch>, key: Key) -> Step<Load> {
        Box::pin(async move { watch.over("load", pin!(Store::load(&*self, &key))).await })
    }

    fn create(self: Arc<Self>, watch: Arc<Watch>, key: Key, record: Record) -> Step<Write> {
        Box::pin(
            async move { watch.over("create", pin!(Store::create(&*self, &key, &record))).await },
        )
    }

    fn save(
        self: Arc<Self>,
        watch: Arc<Watch>,
        key: Key,
        expected: Version,
        record: Record,
    ) -> Step<Write> {
        Box::pin(async move {
            watch.over("save", pin!(Store::save(&*self, &key, expected, &record))).await
        })
    }

    fn touch(self: Arc<Self>, watch: Arc<Watch>, key: Key, seen: Timestamp) -> Step<()> {
        Box::pin(async move { watch.over("touch", pin!(Store::touch(&*self, &key, seen))).await })
    }

    fn end(
        self: Arc<Self>,
        watch: Arc<Watch>,
        key: Key,
        reason: EndReason,
        keep: Duration,
    ) -> Step<()> {
        Box::pin(
            async move { watch.over("end", pin!(Store::end(&*self, &key, reason, keep))).await },
        )
    }

    fn list(self: Arc<Self>, watch: Arc<Watch>, params: ListParams) -> Step<Page> {
        Box::pin(async move { watch.over_all("list", pin!(Store::list(&*self, params))).await })
    }

    fn end_owned(self: Arc<Self>, watch: Arc<Watch>, params: EndOwnedParams) -> Step<usize> {
        Box::pin(async move {
            let step = pin!(Store::end_owned(&*self, params));
            watch.over_all("end_owned", step).await
        })
    }
}
