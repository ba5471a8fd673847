//! The parameters of operations on an owner's records.
//!
//! They are structs so that a later version can add fields: a store that ignores a new field still
//! compiles.

use std::time::Duration;

use bytes::Bytes;

use super::{EndReason, Owner, RecordId, RecordKinds};

/// The start of the next page, in the store's own encoding. It may be long, and may name the
/// owner's records, so keep it in the code that lists and do not send it to a client.
#[derive(Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "stores build them")]
pub struct Cursor(pub Bytes);

// `Debug` hides the content, which may name records.
crate::opaque_debug!(Cursor, "Cursor");

/// The parameters of [`Store::list`](super::Store::list).
///
/// ```
/// use tower_auth_core::store::{RecordKind, RecordKinds, ListParams, Owner};
///
/// let params = ListParams::new(Owner::new([1; 32]), 50).kinds(RecordKinds::Only(RecordKind::Session));
/// assert!(params.cursor.is_none());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListParams {
    /// The kinds of records. Every kind by default.
    pub kinds: RecordKinds,
    /// The owner of the records.
    pub owner: Owner,
    /// The start of the page: [`Page::next`](super::Page::next) of the previous page. By default
    /// `None`, the first page.
    pub cursor: Option<Cursor>,
    /// The maximum number of records on the page. A store treats 0 as 1.
    pub limit: usize,
}

impl ListParams {
    /// Requests the first page, with up to `limit` of the owner's records of every kind.
    #[must_use]
    pub const fn new(owner: Owner, limit: usize) -> Self {
        Self { kinds: RecordKinds::All, owner, cursor: None, limit }
    }

    /// Sets the kinds of records.
    #[must_use]
    pub const fn kinds(mut self, kinds: RecordKinds) -> Self {
        self.kinds = kinds;
        self
    }

    /// Sets the start of the page. `None` is the first page.
    #[must_use]
    pub fn cursor(mut self, cursor: impl Into<Option<Cursor>>) -> Self {
        self.cursor = cursor.into();
        self
    }
}

/// The parameters of [`Store::end_owned`](super::Store::end_owned).
///
/// ```
/// use std::time::Duration;
/// use tower_auth_core::store::{EndOwnedParams, RecordId, Owner, EndReason};
///
/// let hour = Duration::from_secs(3600);
/// let params = EndOwnedParams::new(Owner::new([1; 32]), EndReason::Kicked, hour)
///     .except(RecordId::new([7; 16]));
/// assert_eq!(params.keep, hour);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndOwnedParams {
    /// The kinds of records. Every kind by default.
    pub kinds: RecordKinds,
    /// The owner of the records.
    pub owner: Owner,
    /// A record to leave out. None by default.
    pub except: Option<RecordId>,
    /// The reason that the tombstones carry.
    pub reason: EndReason,
    /// The lifetime of the tombstones.
    pub keep: Duration,
}

impl EndOwnedParams {
    /// Ends all of the owner's records, of every kind. The tombstones carry `reason` and stay for
    /// `keep`.
    #[must_use]
    pub const fn new(owner: Owner, reason: EndReason, keep: Duration) -> Self {
        Self { kinds: RecordKinds::All, owner, except: None, reason, keep }
    }

    /// Sets the kinds of records.
    #[must_use]
    pub const fn kinds(mut self, kinds: RecordKinds) -> Self {
        self.kinds = kinds;
        self
    }

    /// Sets a record to leave out.
    #[must_use]
    pub fn except(mut self, except: impl Into<Option<RecordId>>) -> Self {
        self.except = except.into();
        self
    }
}
