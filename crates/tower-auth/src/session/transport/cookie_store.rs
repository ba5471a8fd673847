//! The store of sessions that the client keeps.

use std::time::Duration;

use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, RecordKind, Store,
    StoreError, Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

use crate::session::record::meta::Meta;
use crate::session::transport::cookie_record::MAX_VALUE;
use crate::session::transport::marker::ReplayMarker;
use crate::store::AnyStore;

/// Requests bring the records, and responses carry them away. Without a guard, every save is a save
/// of the newest known version, and an end is the end of a cookie. With a guard, the guard holds a
/// record without content for each session, under [`RecordKind::Replay`]; its version is the session's.
pub(in crate::session) struct CookieStore {
    clock: Clock,
    guard: Option<AnyStore>,
}

impl CookieStore {
    pub(in crate::session) const fn new(clock: Clock, guard: Option<AnyStore>) -> Self {
        Self { clock, guard }
    }

    /// Returns the guard's record for a session that a client keeps. Its secret is random: a reader
    /// sees a session whose secret was rotated at this moment, which is what happened.
    fn mark(&self, record: &Record, previous_version: Version) -> Record {
        let secret = Meta::hash_of(record).unwrap_or_default();
        Record {
            meta: Meta::marker(self.clock.now()),
            data: ReplayMarker { previous_version, secret }.to_bytes(),
            data_is_json: false,
            ..record.clone()
        }
    }
}

fn marked(key: &Key) -> Key {
    Key::new(RecordKind::Replay, key.id)
}

impl Store for CookieStore {
    fn limits(&self) -> Limits {
        let patience = self.guard.as_ref().map_or(Duration::ZERO, |guard| guard.limits().patience);
        Limits::new(MAX_VALUE).lists(false).patience(patience)
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        Limits::new(MAX_VALUE).check(record)?;
        match &self.guard {
            None => Ok(Write::Done(Version::first(self.clock.now()))),
            Some(guard) => {
                let mark = self.mark(record, Version::from_raw(0));
                guard.create(marked(key), mark).await
            }
        }
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        match &self.guard {
            None => Ok(Load::Absent),
            Some(guard) => guard.load(marked(key)).await,
        }
    }

    fn load_now(&self, key: &Key) -> Option<Load> {
        self.guard.as_ref()?.load_now(&marked(key))
    }

    async fn save(&self, key: &Key, old: Version, record: &Record) -> Result<Write, StoreError> {
        Limits::new(MAX_VALUE).check(record)?;
        match &self.guard {
            None => Ok(Write::Done(old.next(self.clock.now()))),
            Some(guard) => guard.save(marked(key), old, self.mark(record, old)).await,
        }
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        match &self.guard {
            None => Ok(()),
            Some(guard) => guard.touch(marked(key), seen).await,
        }
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        match &self.guard {
            None => Ok(()),
            Some(guard) => guard.end(marked(key), reason, keep).await,
        }
    }

    // The layers list nothing. An application can list `RecordKind::Replay` in the guard itself.

    async fn list(&self, _: ListParams) -> Result<Page, StoreError> {
        Err(StoreError::unsupported())
    }

    async fn end_owned(&self, _: EndOwnedParams) -> Result<usize, StoreError> {
        Err(StoreError::unsupported())
    }
}
