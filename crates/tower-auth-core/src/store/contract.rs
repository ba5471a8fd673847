//! The trait itself.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;

use super::{EndOwnedParams, Key, ListParams, Reason, Record, StoreError, Stored, Version};
use crate::Timestamp;

/// Where records live. Implement it with plain `async fn`.
///
/// A store is built with a [`Clock`](crate::Clock) and goes by it alone. Each method is one atomic
/// step on its key: concurrent callers, in this process or another, see it done or not done. A
/// future may be dropped at any await: the step is then done or not done, never half done. It may also
/// be carried out a little later, once, as a step that was answered with
/// [`Unavailable`](super::ErrorKind::Unavailable) may.
///
/// What cleans up after records that are over, the server or a task, looks at each of them in the step
/// that removes it: a record that was renewed since, and an entry of a list, stay.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no store",
    label = "a store of records belongs here",
    note = "give a `MemoryStore`, an `AnyStore`, or a type of your own that implements `Store`"
)]
pub trait Store: Send + Sync + 'static {
    /// What this store can and cannot promise. Layers check it when they are built.
    fn limits(&self) -> Limits;

    /// Creates a record, only if the key is free.
    ///
    /// - Free means: no live record and no tombstone. Else [`Write::Conflict`] or
    ///   [`Write::Ended`], and nothing is changed. (This alone gives one-shot tokens.)
    /// - With an owner, the record is in the owner's list when this returns `Done`. If the entry could
    ///   not be written, the answer is an error.
    /// - No write brings the end of a list entry nearer than the end of its record.
    /// - [`ErrorKind::TooLarge`](super::ErrorKind::TooLarge) beyond `limits().max_value`.
    fn create(
        &self,
        key: &Key,
        record: &Record,
    ) -> impl Future<Output = Result<Write, StoreError>> + Send;

    /// Reads a record with its version.
    ///
    /// - Unknown, malformed and expired are [`Load::Absent`], whatever the key's bytes.
    /// - An expired record is never returned: at `expires_at()` itself it is gone.
    fn load(&self, key: &Key) -> impl Future<Output = Result<Load, StoreError>> + Send;

    /// Answers a load without a future, where the store can: it is in this process's memory.
    ///
    /// `None` = cannot say, ask [`load`](Self::load). `Some(Load::Absent)` = known not to be there.
    fn load_now(&self, _key: &Key) -> Option<Load> {
        None
    }

    /// Replaces a record, only if its version is still `expected`.
    ///
    /// - Another version: [`Write::Conflict`]. No live record: also `Conflict`, and the reload then
    ///   finds none; a save never creates, and past either deadline there is no live record, whatever
    ///   deadlines the save names. Ended: [`Write::Ended`]. Nothing is changed then.
    /// - It may set an owner where there was none; the record is in the owner's list when this
    ///   returns `Done`. It never changes an owner: the record's own stays.
    /// - `created` stays what it was. `last` never moves back.
    /// - The new version is greater than every earlier one of this key.
    /// - One step: this alone gives rotation of a secret and "no update is lost".
    fn save(
        &self,
        key: &Key,
        expected: Version,
        record: &Record,
    ) -> impl Future<Output = Result<Write, StoreError>> + Send;

    /// Moves the idle deadline: `last` becomes `seen`, forward only.
    ///
    /// - The version stays. Gone or ended: nothing happens, and that is no error.
    fn touch(
        &self,
        key: &Key,
        seen: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends a record: it is gone when this returns.
    ///
    /// - Nothing of the record stays under the key: not `meta`, not `data`, not the owner.
    /// - A tombstone with the reason stays for `keep`, also where no record was; until then no save
    ///   and no create wins over it, and load answers [`Load::Ended`].
    /// - A second end keeps the first reason; the tombstone then stays for the longer of the two.
    fn end(
        &self,
        key: &Key,
        reason: Reason,
        keep: Duration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Pages through an owner's live records, each once, in an order of the store's own.
    ///
    /// - A record that is there from the first page to the last is on one of them, whatever else
    ///   comes and goes meanwhile.
    /// - At most [`limit`](ListParams::limit) entries a page (at least one is tried); `next` is `None` on
    ///   the last.
    /// - [`ErrorKind::Unsupported`](super::ErrorKind::Unsupported) where `limits().lists` is false.
    fn list(&self, params: ListParams) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// Ends every record of an owner but [`except`](EndOwnedParams::except), as [`end`](Self::end) does; says how many.
    ///
    /// - Every record whose creation was acknowledged before this call is gone when it returns.
    fn end_owned(
        &self,
        params: EndOwnedParams,
    ) -> impl Future<Output = Result<usize, StoreError>> + Send;
}

/// What [`Store::load`] found.
#[derive(Clone, Debug)]
#[allow(
    clippy::exhaustive_enums,
    reason = "layers must treat each; a new answer is a new contract"
)]
pub enum Load {
    /// A live record.
    Found(Stored),
    /// Nothing that lives.
    Absent,
    /// A tombstone.
    Ended {
        /// Why the record was ended.
        reason: Reason,
        /// Until when the tombstone stays, at the least: a later end may make it longer. From that
        /// very moment on the key is free.
        until: Timestamp,
    },
}

/// How a conditional write went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[allow(
    clippy::exhaustive_enums,
    reason = "layers must treat each; a new answer is a new contract"
)]
pub enum Write {
    /// It was done; this is the record's version now.
    Done(Version),
    /// Somebody else was there first. Nothing was changed.
    Conflict,
    /// The record was ended. Nothing was changed.
    Ended(Reason),
}

/// What a store promises beyond the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// How many bytes `meta` and `data` may have together.
    pub max_value: usize,
    /// Whether it can list by owner.
    pub lists: bool,
    /// Whether it may lose live records to make room. What an eviction would re-open (one-shot
    /// marks, revocations, replay guards) refuses such a store when it is built.
    pub evicts: bool,
    /// How long a step may take before the store itself gives it up, all its round trips and
    /// repetitions together; zero if the store gives up nothing. A time limit from outside is never
    /// shorter. Not for `list` and `end_owned`, which take as long as there are records.
    pub patience: Duration,
}

impl Limits {
    /// A store that lists, does not evict, holds values of up to `max_value` bytes, and gives up
    /// nothing by itself.
    #[must_use]
    pub const fn new(max_value: usize) -> Self {
        Self { max_value, lists: true, evicts: false, patience: Duration::ZERO }
    }

    /// Says whether it can list by owner.
    #[must_use]
    pub const fn lists(mut self, lists: bool) -> Self {
        self.lists = lists;
        self
    }

    /// Says whether it may lose live records to make room.
    #[must_use]
    pub const fn evicts(mut self, evicts: bool) -> Self {
        self.evicts = evicts;
        self
    }

    /// Says how long a step may take before the store itself gives it up.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Checks that the `meta` and `data` of a record fit: what a store does before it creates or saves.
    ///
    /// ```
    /// use tower_auth_core::store::{ErrorKind, Limits, Record};
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
    /// assert_eq!(Limits::new(4).check(&record).unwrap_err().kind(), ErrorKind::TooLarge);
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`](super::ErrorKind::TooLarge) beyond [`max_value`](Self::max_value).
    pub fn check(&self, record: &Record) -> Result<(), StoreError> {
        let size = record.meta.len().saturating_add(record.data.len());
        if size > self.max_value { Err(StoreError::too_large()) } else { Ok(()) }
    }
}

/// Where the next page begins; the store's own words. They may be many, and name the owner's records:
/// it is for whoever lists, not for a client.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "stores make them")]
pub struct Cursor(pub Bytes);

// Without the words: they may name records.
crate::opaque_debug!(Cursor, "Cursor");

/// One page of an owner's records.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "stores build them")]
pub struct Page {
    /// The records.
    pub entries: Vec<Entry>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// One record on a page.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_structs, reason = "stores build them")]
pub struct Entry {
    /// What it lies under.
    pub key: Key,
    /// The record with its version.
    pub stored: Stored,
}
