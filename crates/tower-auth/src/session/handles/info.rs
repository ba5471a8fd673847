//! One session in a list of a user's sessions.

use crate::session::SessionId;
use std::fmt;

use serde::de::DeserializeOwned;
use tower_auth_core::event::LogId;
use tower_auth_core::store::{Entry, Stored};
use tower_auth_core::{Identity, Timestamp};

use crate::session::SessionError;
use crate::session::config::Config;
use crate::session::record::data;
use crate::session::record::meta::Meta;
use crate::session::record::value::decode;

/// A session in the answer of [`Sessions::list`](crate::session::Sessions::list). Listing a session
/// does not extend its idle timeout.
#[derive(Clone)]
pub struct SessionInfo {
    id: SessionId,
    log_id: LogId,
    stored: Stored,
    identity: Option<Identity>,
}

impl SessionInfo {
    pub(in crate::session) fn of(config: &Config, entry: Entry) -> Self {
        let (id, stored) = (entry.key.id, entry.stored);
        let identity = Meta::read(&stored, id).and_then(|meta| meta.identity);
        Self { id, log_id: config.log_id(&id), stored, identity }
    }

    /// Returns the session's id, which [`Sessions::end`](crate::session::Sessions::end) takes. It
    /// equals [`Session::id`](crate::session::Session::id) in a request of that session. It
    /// proves nothing.
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    /// Returns the session's id in logs, as in the [events](crate::event). An operator who found a
    /// session in a log can search for this id.
    #[must_use]
    pub const fn log_id(&self) -> LogId {
        self.log_id
    }

    /// Returns the time at which the record was created. This may be before the login: an anonymous
    /// session keeps its record.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.stored.record.created
    }

    /// Returns the time of last use. It may be too early by up to a tenth of the idle timeout,
    /// because the store does not record every request.
    #[must_use]
    pub const fn last_used_at(&self) -> Timestamp {
        self.stored.record.last
    }

    /// Returns the time at which the session ends if it is not used again.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.stored.record.expires_at()
    }

    /// Returns the user who is logged in, with the authentication. `None` if a newer version of
    /// this crate wrote the record.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Returns the application's value under `key`, such as the name of the device.
    ///
    /// # Errors
    /// [`Decode`](SessionError::Decode) if the value is of another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let found = data::find(&self.stored.record.data, key).and_then(Result::ok);
        found.map(|raw| decode(key, raw)).transpose()
    }
}

impl fmt::Debug for SessionInfo {
    /// Omits the identity and the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionInfo")
            .field("log_id", &self.log_id)
            .field("last_used_at", &self.last_used_at())
            .finish_non_exhaustive()
    }
}
