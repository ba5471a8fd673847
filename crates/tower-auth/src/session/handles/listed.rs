//! One session of a list.

use std::fmt;

use serde::de::DeserializeOwned;
use tower_auth_core::event::LogId;
use tower_auth_core::store::{Entry, Handle, Stored};
use tower_auth_core::{Identity, Timestamp};

use crate::session::SessionError;
use crate::session::config::Config;
use crate::session::record::data;
use crate::session::record::meta::Meta;
use crate::session::record::value::decode;

/// A session as [`Sessions::list`](crate::session::Sessions::list) found it. Reading it is no use of it.
#[derive(Clone)]
pub struct Listed {
    name: Handle,
    log_id: LogId,
    stored: Stored,
    identity: Option<Identity>,
}

impl Listed {
    pub(in crate::session) fn of(config: &Config, entry: Entry) -> Self {
        let (name, stored) = (entry.key.handle, entry.stored);
        let identity = Meta::read(&stored, name).and_then(|meta| meta.identity);
        Self { name, log_id: config.log_id(&name), stored, identity }
    }

    /// Its name: what [`Sessions::end`](crate::session::Sessions::end) takes, and what
    /// [`Session::name`](crate::session::Session::name) says of the session that asks. It proves nothing.
    #[must_use]
    pub const fn name(&self) -> Handle {
        self.name
    }

    /// Its name in logs, as in the [events](crate::event): what an operator searches for who has read
    /// of a session in a log.
    #[must_use]
    pub const fn log_id(&self) -> LogId {
        self.log_id
    }

    /// When its record was made, which may have been before the login.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.stored.record.created
    }

    /// When it was last used; up to a tenth of the idle timeout too early, since not every request
    /// is written down.
    #[must_use]
    pub const fn last_used_at(&self) -> Timestamp {
        self.stored.record.last
    }

    /// When it ends if it is not used again.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.stored.record.expires_at()
    }

    /// Who is logged in, how and when; `None` where a newer version of this crate wrote the record.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// What the application has written into it under `key`, such as the name of the device.
    ///
    /// # Errors
    /// [`Decode`](SessionError::Decode) where the value is of another type.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let found = data::find(&self.stored.record.data, key).and_then(Result::ok);
        found.map(|raw| decode(key, raw)).transpose()
    }
}

impl fmt::Debug for Listed {
    /// Without whose it is and what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listed")
            .field("log_id", &self.log_id)
            .field("last_used_at", &self.last_used_at())
            .finish_non_exhaustive()
    }
}
