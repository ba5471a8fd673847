//! The state that a request starts from.

use std::sync::OnceLock;

use tower_auth_core::store::{Handle, Reason, Stored};
use tower_auth_core::{Identity, Timestamp};

use crate::crypto::credential::Credential;
use crate::session::record::meta::Meta;

/// What the store is known to hold.
#[derive(Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "it lies in the cell; a box would be one more of them"
)]
pub(in crate::session) enum Base {
    /// No record that this request could speak for.
    Nothing,
    /// A record of a format that this version does not know, a later one's. As good as nothing, but
    /// a logout ends it.
    Unreadable(Handle),
    /// The record has ended. As good as nothing, but a logout ends it once more.
    Ended(Handle, Reason),
    /// A live record, and the credential that proved it.
    Live(Live),
    /// The secret that came was renewed by another request, less than a minute ago.
    Rotated,
    /// The store cannot be asked.
    Unknown,
}

#[derive(Clone)]
pub(in crate::session) struct Live {
    pub(in crate::session) credential: Credential,
    pub(in crate::session) stored: Stored,
    pub(in crate::session) rotated_at: Timestamp,
    /// Read on demand: after a save, most responses are sent before anything asks for it.
    pub(in crate::session) identity: OnceLock<Option<Identity>>,
    /// Whether the arrival of this request, which the record counts here, is still to be written
    /// down.
    pub(in crate::session) is_due: bool,
}

impl Live {
    /// Returns the identity that the record holds.
    pub(in crate::session) fn identity(&self) -> Option<&Identity> {
        let read = || Meta::read(&self.stored, self.credential.handle)?.identity;
        self.identity.get_or_init(read).as_ref()
    }
}
