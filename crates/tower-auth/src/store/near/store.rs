//! The store contract, implemented by the cache and the store behind it together.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, StoreError,
    Stored, Version, Write,
};

use super::NearCache;
use super::cached_entry::CachedLoad;

impl<S: Store> Store for NearCache<S> {
    fn limits(&self) -> Limits {
        self.store.limits()
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        let writing = self.near.writing(key);
        let write = self.store.create(key, record).await?;
        if let Write::Done(version) = write {
            writing.done(CachedLoad::found(&Stored { version, record: record.clone() }));
        }
        Ok(write)
    }

    /// Always asks the store, and keeps the answer.
    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let reading = self.near.begin(key);
        let load = self.store.load(key).await?;
        if let Some(reading) = reading {
            self.near.land(key, reading, &load);
        }
        Ok(load)
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        self.near.hit(key).or_else(|| self.store.load_now(key))
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        let writing = self.near.writing(key);
        let write = self.store.save(key, expected, record).await?;
        if let Write::Done(version) = write
            // The result of a save depends on the record before it.
            && let Some(CachedLoad::Found(before)) = writing.before()
            && before.version == expected
        {
            let before = &before.record;
            let record = Record {
                owner: before.owner.or(record.owner),
                created: before.created,
                last: before.last.max(record.last),
                ..record.clone()
            };
            writing.done(CachedLoad::found(&Stored { version, record }));
        }
        Ok(write)
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let writing = self.near.writing(key);
        self.store.touch(key, seen).await?;
        if let Some(CachedLoad::Found(before)) = writing.before() {
            let mut stored = before.clone();
            // A touch does not affect an expired record.
            if stored.record.is_live(self.near.clock.now()) {
                stored.record.last = stored.record.last.max(seen);
                writing.amended(CachedLoad::Found(stored));
            }
        }
        Ok(())
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        let writing = self.near.writing(key);
        let now = self.near.clock.now();
        self.store.end(key, reason, keep).await?;
        let first = match writing.before() {
            Some(CachedLoad::Ended { reason, until }) if now < *until => Some((*reason, *until)),
            Some(_) => Some((reason, now)),
            // An earlier tombstone with another reason may have been there.
            None => None,
        };
        if let Some((reason, until)) = first {
            writing.done(CachedLoad::Ended { reason, until: until.max(now + keep) });
        }
        Ok(())
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.store.list(params).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let _ending = self.near.owners.ending(params.owner);
        self.store.end_owned(params).await
    }
}
