//! A store that cannot list, for the tests of what says so when it is built; they never get to
//! anything else.

use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, Key, Limits, ListParams, Load, Page, Reason, Record, Store, StoreError,
    Version, Write,
};

pub(crate) struct NoLists;

impl Store for NoLists {
    fn limits(&self) -> Limits {
        Limits::new(1 << 20).lists(false)
    }

    async fn create(&self, _: &Key, _: &Record) -> Result<Write, StoreError> {
        Err(StoreError::unsupported())
    }

    async fn load(&self, _: &Key) -> Result<Load, StoreError> {
        Err(StoreError::unsupported())
    }

    async fn save(&self, _: &Key, _: Version, _: &Record) -> Result<Write, StoreError> {
        Err(StoreError::unsupported())
    }

    async fn touch(&self, _: &Key, _: Timestamp) -> Result<(), StoreError> {
        Err(StoreError::unsupported())
    }

    async fn end(&self, _: &Key, _: Reason, _: Duration) -> Result<(), StoreError> {
        Err(StoreError::unsupported())
    }

    async fn list(&self, _: ListParams) -> Result<Page, StoreError> {
        Err(StoreError::unsupported())
    }

    async fn end_owned(&self, _: EndOwnedParams) -> Result<usize, StoreError> {
        Err(StoreError::unsupported())
    }
}
