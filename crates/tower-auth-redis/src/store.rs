//! The store contract over the scripts.

use std::sync::Arc;
use std::time::Duration;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, Limits, ListParams, Load, Page, Record, Store, StoreError,
    Version, Write,
};

use crate::call::Call;
use crate::inner::Inner;
use crate::script::{CREATE, SAVE, TOUCH};
use crate::value::{loaded, number, stored, swept_in};

/// A store of records in Redis, with one string for each record. A clone uses the same connections.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use tower_auth_core::Clock;
/// use tower_auth_redis::RedisStore;
///
/// let store = RedisStore::node("redis://127.0.0.1:6379", Clock::system())
///     .key_prefix("shop:")
///     .build()
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RedisStore(pub(crate) Arc<Inner>);

impl Store for RedisStore {
    fn limits(&self) -> Limits {
        self.0.limits
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Write, StoreError> {
        let inner = &self.0;
        inner.limits.check(record)?;
        let now = inner.clock.now();
        let first = Version::first(now);
        let args = vec![number(now), stored(first, record), swept_in(record, now)];
        let call = Call::step(&CREATE, inner.names.record(key), args);
        inner.write(key, record, call, first, false).await
    }

    async fn load(&self, key: &Key) -> Result<Load, StoreError> {
        let inner = &self.0;
        let found = inner.caller.one(&Call::get(inner.names.record(key))).await?;
        Ok(loaded(found, inner.clock.now()))
    }

    async fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> Result<Write, StoreError> {
        let inner = &self.0;
        inner.limits.check(record)?;
        let now = inner.clock.now();
        let next = expected.next(now);
        let bytes = stored(next, record);
        // The expected format, flags, version and creation time of the stored record.
        let head = [&bytes[..2], &expected.get().to_le_bytes(), &bytes[10..18]].concat();
        let moments = [number(now), number(record.last)].concat();
        let owner = record.owner.map(|it| it.as_bytes().to_vec()).unwrap_or_default();
        let args = vec![moments, bytes, head, owner, swept_in(record, now)];
        let call = Call::step(&SAVE, inner.names.record(key), args);
        inner.write(key, record, call, next, true).await
    }

    async fn touch(&self, key: &Key, seen: Timestamp) -> Result<(), StoreError> {
        let inner = &self.0;
        let args = vec![[number(inner.clock.now()), number(seen)].concat()];
        let answer = inner.caller.one(&Call::step(&TOUCH, inner.names.record(key), args)).await?;
        inner.touched(key, &answer).await;
        Ok(())
    }

    async fn end(&self, key: &Key, reason: EndReason, keep: Duration) -> Result<(), StoreError> {
        let call = self.0.ending(key, reason, keep, None);
        for answer in self.0.caller.end(&[call]).await? {
            answer?;
        }
        Ok(())
    }

    async fn list(&self, params: ListParams) -> Result<Page, StoreError> {
        self.0.list(params.kinds, &params.owner, params.cursor.as_ref(), params.limit).await
    }

    async fn end_owned(&self, params: EndOwnedParams) -> Result<usize, StoreError> {
        let EndOwnedParams { kinds, owner, except, reason, keep, .. } = params;
        self.0.end_owned(kinds, &owner, except.as_ref(), reason, keep).await
    }
}

tower_auth_core::opaque_debug!(RedisStore, "RedisStore");
