//! The store trait and its results.

use std::future::Future;
use std::time::Duration;

use super::{
    Cursor, EndOwnedParams, EndReason, Key, ListParams, Record, StoreError, Stored, Version,
};
use crate::Timestamp;

/// A store of records. Implement it with plain `async fn`.
///
/// A store is built with a [`Clock`](crate::Clock) and reads the time only from it.
///
/// Each method that takes a key is one atomic step on that key: concurrent callers, in this process
/// or another, see the step done or not done. A caller may drop a future at any await. The step is
/// then done or not done, never half done, or it takes effect once, a little later. The same holds
/// for a step that returned [`Unavailable`](super::StoreErrorKind::Unavailable).
///
/// The cleanup of expired records, by the server or a task, checks each record in the step that
/// removes it. If a record was renewed in the meantime, the record and its list entry stay.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store",
    label = "expected a store of records",
    note = "pass a `MemoryStore`, an `AnyStore`, or your own type that implements `Store`"
)]
pub trait Store: Send + Sync + 'static {
    /// Returns the store's capabilities. Layers check them when they are built.
    fn limits(&self) -> Limits;

    /// Creates a record, only if the key is free.
    ///
    /// - A key is free if it has no live record and no tombstone. Otherwise the result is
    ///   [`Write::Conflict`] or [`Write::Ended`], and nothing changes. Single-use tokens rely on
    ///   this rule.
    /// - If the record has an owner, the record is in the owner's list when this method returns
    ///   [`Write::Done`]. If the list entry cannot be written, the result is an error.
    /// - No write lets a list entry expire before its record.
    /// - The error is [`StoreErrorKind::TooLarge`](super::StoreErrorKind::TooLarge) if `meta` and
    ///   `data` together exceed [`max_value`](Limits::max_value).
    fn create(
        &self,
        key: &Key,
        record: &Record,
    ) -> impl Future<Output = Result<Write, StoreError>> + Send;

    /// Reads a record with its version.
    ///
    /// - Unknown, malformed and expired records are [`Load::Absent`], for any bytes of the key.
    /// - An expired record is never returned. At exactly `expires_at()`, it is already gone.
    fn load(&self, key: &Key) -> impl Future<Output = Result<Load, StoreError>> + Send;

    /// Reads a record synchronously, if it is in this process's memory.
    ///
    /// `None` means that the store cannot answer: call [`load`](Self::load). `Some(Load::Absent)`
    /// means that the record is known not to exist.
    fn load_now(&self, _key: &Key) -> Option<Load> {
        None
    }

    /// Replaces a record, only if its version is still `expected`.
    ///
    /// - If the record has another version, the result is [`Write::Conflict`]. If the record has
    ///   ended, the result is [`Write::Ended`]. Nothing changes in either case.
    /// - If there is no live record, the result is also `Conflict`, and the caller's next load
    ///   returns [`Load::Absent`]. A save never creates a record. A record past its idle or
    ///   absolute deadline is not live, even if the new `record` has later deadlines.
    /// - A save may set the owner if there was none. The record is in the owner's list when this
    ///   method returns `Done`. A save never changes an owner: the record keeps its own.
    /// - A save never changes `created` and never moves `last` back.
    /// - The new version is greater than every earlier version of this key.
    /// - The save is one step. Sessions rely on this to rotate a secret and to lose no update.
    fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> impl Future<Output = Result<Write, StoreError>> + Send;

    /// Extends the idle deadline: sets `last` to `seen`, if `seen` is later.
    ///
    /// - The version does not change. If the record does not exist or has ended, the method changes
    ///   nothing and returns `Ok`.
    fn touch(
        &self,
        key: &Key,
        seen: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends a record. The record is gone when this method returns.
    ///
    /// - The method removes everything of the record under the key: `meta`, `data` and the owner.
    /// - A tombstone with the reason stays for `keep`, even if there was no record. While the
    ///   tombstone exists, no save and no create succeeds, and load returns [`Load::Ended`].
    /// - A second end keeps the first reason. The tombstone then stays for the longer of the two
    ///   durations.
    fn end(
        &self,
        key: &Key,
        reason: EndReason,
        keep: Duration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lists an owner's live records in pages, each record once, in the store's own order.
    ///
    /// - A record that exists from the first page to the last is on one of the pages, even if other
    ///   records are added or removed in between.
    /// - A page has at most [`limit`](ListParams::limit) entries; a store treats a limit of 0 as 1.
    ///   On the last page, `next` is `None`.
    /// - The error is [`StoreErrorKind::Unsupported`](super::StoreErrorKind::Unsupported) if
    ///   [`lists`](Limits::lists) is `false`.
    fn list(&self, params: ListParams) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// Ends every record of an owner except [`except`](EndOwnedParams::except), as
    /// [`end`](Self::end) does. Returns the number of ended records.
    ///
    /// - Every record whose creation was acknowledged before this call is gone when the method
    ///   returns.
    fn end_owned(
        &self,
        params: EndOwnedParams,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// The result of [`Store::load`].
#[derive(Clone, Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "layers must handle each; a new result is a new contract"
)]
pub enum Load {
    /// A live record.
    Found(Stored),
    /// No live record and no tombstone.
    Absent,
    /// A tombstone.
    Ended {
        /// The reason of the end.
        reason: EndReason,
        /// The earliest end of the tombstone; a later call to `end` may extend it. At exactly this
        /// time, the key is free.
        until: Timestamp,
    },
}

/// The result of a conditional write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[allow(
    clippy::exhaustive_enums,
    reason = "layers must handle each; a new result is a new contract"
)]
pub enum Write {
    /// The write is done; the record now has this version.
    Done(Version),
    /// Another writer was first. Nothing changed.
    Conflict,
    /// The record has ended. Nothing changed.
    Ended(EndReason),
}

/// The capabilities and limits of a store, which differ between stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The maximum number of bytes of `meta` and `data` together.
    pub max_value: usize,
    /// Whether the store can list records by owner.
    pub lists: bool,
    /// Whether the store may drop live records to make room. A layer's builder refuses such a store
    /// for records whose eviction would open access again, such as those of a replay guard.
    pub evicts: bool,
    /// The maximum duration of a step before the store itself gives up, including all round trips
    /// and retries. Zero if the store never gives up by itself. A layer never sets a shorter time
    /// limit for a step. `patience` does not apply to `list` and `end_owned`, whose duration
    /// depends on the number of records.
    pub patience: Duration,
}

impl Limits {
    /// Creates limits for a store that lists, does not evict, holds values of up to `max_value`
    /// bytes, and never gives up by itself.
    #[must_use]
    pub const fn new(max_value: usize) -> Self {
        Self { max_value, lists: true, evicts: false, patience: Duration::ZERO }
    }

    /// Sets whether the store can list records by owner.
    #[must_use]
    pub const fn lists(mut self, lists: bool) -> Self {
        self.lists = lists;
        self
    }

    /// Sets whether the store may drop live records to make room.
    #[must_use]
    pub const fn evicts(mut self, evicts: bool) -> Self {
        self.evicts = evicts;
        self
    }

    /// Sets the maximum duration of a step before the store itself gives up.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Checks the size of a record's `meta` and `data`. A store calls it before it creates or
    /// saves.
    ///
    /// ```
    /// use tower_auth_core::store::{StoreErrorKind, Limits, Record};
    /// # use std::time::Duration;
    /// # use tower_auth_core::Timestamp;
    ///
    /// # let now = Timestamp::from_unix_seconds(0);
    /// let record = Record {
    ///     data: "12345".into(),
    ///     // …
    /// #   owner: None, created: now, last: now, idle: Duration::from_secs(1), absolute: now,
    /// #   meta: Default::default(), data_is_json: false,
    /// };
    /// assert!(Limits::new(5).check(&record).is_ok());
    /// assert_eq!(Limits::new(4).check(&record).unwrap_err().kind(), StoreErrorKind::TooLarge);
    /// ```
    ///
    /// # Errors
    /// Returns [`StoreErrorKind::TooLarge`](super::StoreErrorKind::TooLarge) beyond
    /// [`max_value`](Self::max_value).
    pub fn check(&self, record: &Record) -> Result<(), StoreError> {
        let size = record.meta.len().saturating_add(record.data.len());
        if size > self.max_value { Err(StoreError::too_large()) } else { Ok(()) }
    }
}

/// One page of an owner's records.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "stores build them")]
pub struct Page {
    /// The records.
    pub entries: Vec<Entry>,
    /// The start of the next page, if there is one.
    pub next: Option<Cursor>,
}

/// One record on a page.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "stores build them")]
pub struct Entry {
    /// The record's key.
    pub key: Key,
    /// The record with its version.
    pub stored: Stored,
}
