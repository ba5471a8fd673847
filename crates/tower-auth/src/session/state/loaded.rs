//! The state that a request starts from.

use std::sync::OnceLock;

use tower_auth_core::store::{EndReason, RecordId, Stored};
use tower_auth_core::{Identity, Timestamp};

use crate::crypto::credential::Credential;
use crate::session::record::meta::Meta;

/// The session as the store holds it.
#[derive(Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "it is part of the cell, and a box would be one more allocation"
)]
pub(in crate::session) enum Loaded {
    /// No record that belongs to this request.
    Nothing,
    /// A record in a format of a later version. It counts as nothing, but a logout ends it.
    Unreadable(RecordId),
    /// The record has ended. It counts as nothing, but a logout ends it once more.
    Ended(RecordId, EndReason),
    /// A live record, and the credential that the client presented for it.
    Live(Live),
    /// Another request renewed the presented secret, less than a minute ago.
    Rotated,
    /// The store is unavailable.
    Unknown,
}

#[derive(Clone)]
pub(in crate::session) struct Live {
    pub(in crate::session) credential: Credential,
    pub(in crate::session) stored: Stored,
    pub(in crate::session) rotated_at: Timestamp,
    /// Read on demand: after a save, most responses leave before anything reads the identity.
    pub(in crate::session) identity: OnceLock<Option<Identity>>,
    /// The record counts the arrival of this request here, but the store has not recorded it yet.
    pub(in crate::session) is_due: bool,
}

impl Live {
    /// Returns the identity that the record holds.
    pub(in crate::session) fn identity(&self) -> Option<&Identity> {
        let read = || Meta::read(&self.stored, self.credential.id)?.identity;
        self.identity.get_or_init(read).as_ref()
    }
}
