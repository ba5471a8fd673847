//! The store itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use redis::{IntoConnectionInfo, Value};
use tokio::runtime;
use tower_auth_core::store::{
    EndOwnedParams, Key, Limits, ListParams, Load, Owner, Page, Reason, Record, Store, StoreError,
    Stored, Tombstone, Version, Write,
};
use tower_auth_core::{Clock, Timestamp};

use crate::builder::{self, Builder, Place};
use crate::call::Call;
use crate::caller::Caller;
use crate::index::LONGEST;
use crate::indexed::Indexed;
use crate::names::Names;
use crate::script::{CREATE, END, SAVE, TOUCH};

/// How much later than at its end the server sweeps a record, in milliseconds; the scripts say the same.
const SWEPT_LATER: u64 = 600_000;

/// Records in Redis, one string each. A clone is the same store.
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

pub(crate) struct Inner {
    pub(crate) caller: Caller,
    pub(crate) names: Names,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) indexed: Indexed,
    /// Where the store's tasks run: that which it was built in.
    pub(crate) runtime: runtime::Handle,
}

impl RedisStore {
    /// On a single server: `redis://…`, or, with feature `tls`, `rediss://…`.
    pub fn node(address: impl IntoConnectionInfo, clock: Clock) -> Builder {
        Builder::new(Place::Node(vec![builder::address(address)]), clock)
    }

    /// On the server that the Sentinels at these addresses call the primary of that name.
    ///
    /// The store follows a fail-over: the Sentinels tell of it, on a connection to each, and are asked
    /// every second should they not; a connection that leads to a demoted server is dropped.
    pub fn sentinel<A: IntoConnectionInfo>(
        sentinels: impl IntoIterator<Item = A>,
        name: impl Into<String>,
        clock: Clock,
    ) -> Builder {
        let sentinels = sentinels.into_iter().map(builder::address).collect();
        Builder::new(Place::Sentinel(sentinels, name.into()), clock)
    }

    /// On a Redis Cluster, of which these are some of the nodes.
    ///
    /// Each record is in a slot of its own, and an owner's index in another: no key is bound to
    /// another by a hash tag, so the load spreads evenly.
    pub fn cluster<A: IntoConnectionInfo>(
        nodes: impl IntoIterator<Item = A>,
        clock: Clock,
    ) -> Builder {
        Builder::new(Place::Cluster(nodes.into_iter().map(builder::address).collect()), clock)
    }
}

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
        // The format, the flags, the version and the creation of what is to be there.
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

    async fn end(&self, key: &Key, reason: Reason, keep: Duration) -> Result<(), StoreError> {
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

impl Inner {
    /// The step that ends a record, of that owner alone where one is named.
    pub(crate) fn ending(
        &self,
        key: &Key,
        reason: Reason,
        keep: Duration,
        owner: Option<&Owner>,
    ) -> Call {
        let now = self.clock.now();
        let until = now + keep;
        // The script puts the version in.
        let stone = Tombstone { reason, until, version: Version::from_raw(0) }.to_bytes();
        let owner = owner.map(|it| it.as_bytes().to_vec()).unwrap_or_default();
        let confirmed = u8::from(self.caller.confirms()).to_string().into_bytes();
        Call::step(&END, self.names.record(key), vec![number(now), stone, owner, confirmed])
    }
}

/// A moment, as scripts read it.
fn number(moment: Timestamp) -> Vec<u8> {
    moment.as_unix_micros().to_le_bytes().to_vec()
}

/// The bytes of a record in that version.
fn stored(version: Version, record: &Record) -> Vec<u8> {
    Stored { version, record: record.clone() }.to_bytes()
}

/// The milliseconds until the server sweeps a record: some minutes after its end.
fn swept_in(record: &Record, now: Timestamp) -> Vec<u8> {
    let left = record.expires_at().since(now).as_micros().div_ceil(1000);
    let left = u64::try_from(left).unwrap_or(LONGEST).min(LONGEST);
    (left + SWEPT_LATER).to_string().into_bytes()
}

/// What a value is by that moment. What is no record is none.
pub(crate) fn loaded(value: Value, now: Timestamp) -> Load {
    let Value::BulkString(bytes) = value else { return Load::Absent };
    if let Some(stone) = Tombstone::from_bytes(&bytes) {
        return if now < stone.until {
            Load::Ended { reason: stone.reason, until: stone.until }
        } else {
            Load::Absent
        };
    }
    match Stored::from_bytes(Bytes::from(bytes)) {
        Some(stored) if stored.record.is_live(now) => Load::Found(stored),
        _ => Load::Absent,
    }
}

tower_auth_core::opaque_debug!(RedisStore, "RedisStore");
