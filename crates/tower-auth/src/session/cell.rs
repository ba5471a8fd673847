//! What one request knows of its session: what the store held, and what was changed since.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tower_auth_core::store::{Handle, Reason, Stored};
use tower_auth_core::{Identity, Timestamp};

use super::SessionError;
use super::changes::{self, Change};
use super::config::Config;
use super::data::{self, NotOne};
use super::handle::decode;
use crate::context::Context;
use crate::credential::Credential;

/// Shared by every clone of a [`Session`](super::Session) handle.
pub(super) struct Cell {
    pub(super) config: Arc<Config>,
    /// Weak, because the context holds the session.
    pub(super) context: Weak<Context>,
    inner: Mutex<Inner>,
    /// One writer to the store at a time, within this request.
    pub(super) turn: tokio::sync::Mutex<()>,
}

pub(super) struct Inner {
    pub(super) base: Base,
    /// Not yet given to the store, oldest first.
    pub(super) changes: Vec<Change>,
    /// With the store just now: still to be seen by reads, not to be sent twice.
    pub(super) in_flight: Vec<Change>,
    pub(super) login: Option<Login>,
    /// The response's head is out, or the request was dropped.
    pub(super) closed: bool,
    /// It was dropped. What it left running must not touch the cookies: they are the next
    /// attempt's by now.
    pub(super) given_up: bool,
}

/// What the store is known to hold.
#[derive(Clone)]
#[allow(
    clippy::large_enum_variant,
    reason = "it lies in the cell; a box would be one more of them"
)]
pub(super) enum Base {
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
pub(super) struct Live {
    pub(super) credential: Credential,
    pub(super) stored: Stored,
    pub(super) rotated_at: Timestamp,
    pub(super) identity: Option<Identity>,
}

/// A login that the store has not heard of.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) identity: Identity,
    /// Made at the call, so that what is rendered in the same response can be bound to it.
    pub(super) credential: Credential,
    pub(super) at: Timestamp,
    /// Whether the record stays and its secret is renewed; else the login starts a new record.
    pub(super) keeps: bool,
    /// How many of the changes were made before it, or before an earlier one of the same
    /// principal.
    pub(super) since: usize,
}

impl Cell {
    /// Inlined, since it is large and would be moved once more.
    #[inline(always)]
    pub(super) fn new(config: Arc<Config>, context: &Arc<Context>, base: Base) -> Self {
        Self {
            config,
            context: Arc::downgrade(context),
            inner: Mutex::new(Inner {
                base,
                changes: Vec::new(),
                in_flight: Vec::new(),
                login: None,
                closed: false,
                given_up: false,
            }),
            turn: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses every write from now on, and forgets what was not saved.
    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.given_up = true;
        inner.login = None;
        let forgotten = std::mem::take(&mut inner.changes);
        drop(inner);
        // With them goes what the application's closures hold, and its code may run: not under the
        // lock.
        drop(forgotten);
    }

    /// Leaves the client the credential of a session that has ended until a logout is confirmed, so
    /// that it can ask again.
    pub(super) fn keep_cookie(&self) {
        let inner = self.lock();
        // Without a login all that was written is the removal.
        if matches!(inner.base, Base::Ended(..))
            && inner.login.is_none()
            && let Some(context) = inner.context(self)
        {
            self.config.carrier.withdraw(&context);
        }
    }

    #[cfg(test)]
    pub(super) fn is_free(&self) -> bool {
        self.inner.try_lock().is_ok()
    }
}

impl Inner {
    /// Whether the store must hear of something.
    pub(super) fn is_changed(&self) -> bool {
        self.login.is_some() || !self.changes.is_empty()
    }

    /// The context, for its cookies.
    pub(super) fn context(&self, cell: &Cell) -> Option<Arc<Context>> {
        if self.given_up { None } else { cell.context.upgrade() }
    }

    /// Whether the session may be changed, and if not, why.
    pub(super) fn check_writable(&self) -> Result<(), SessionError> {
        if self.closed {
            return Err(SessionError::ResponseSent);
        }
        match self.base {
            Base::Unknown => Err(SessionError::Unavailable),
            Base::Rotated if self.login.is_none() => Err(SessionError::Rotated),
            _ => Ok(()),
        }
    }

    /// The values as this request sees them. It is cut from the session, since applying an update
    /// runs the application's code, which may well ask this very session for another value.
    pub(super) fn view(&self) -> View {
        let object = match (&self.base, &self.login) {
            // A login that starts a new record starts without any.
            (Base::Live(_), Some(login)) if !login.keeps => Bytes::new(),
            (Base::Live(live), _) => live.stored.record.data.clone(),
            _ => Bytes::new(),
        };
        let changes = if self.in_flight.is_empty() {
            self.changes.clone()
        } else {
            [&*self.in_flight, &*self.changes].concat()
        };
        View { object, changes }
    }

    /// Who the session is of, as this request will leave it.
    pub(super) fn identity(&self) -> Option<&Identity> {
        match (&self.login, &self.base) {
            (Some(login), _) => Some(&login.identity),
            (None, Base::Live(live)) => live.identity.as_ref(),
            (None, _) => None,
        }
    }
}

/// A session's values at one moment of the request.
pub(super) struct View {
    object: Bytes,
    changes: Vec<Change>,
}

impl View {
    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        // With nothing to apply it is read where it lies.
        if self.changes.is_empty() {
            match data::find(&self.object, key) {
                None => return Ok(None),
                Some(Ok(value)) => return Ok(Some(value)),
                // Below it is said what is wrong with it.
                Some(Err(NotOne)) => {}
            }
        }
        self.value(key)?.map(|raw| decode(key, &raw)).transpose()
    }

    pub(super) fn value(&self, key: &str) -> Result<Option<Cow<'_, RawValue>>, SessionError> {
        changes::value_after(&self.object, self.changes.iter(), key)
    }

    /// The change with its size, if the whole still fits the store. An update runs here for the
    /// first time, so that its caller hears of a wrong type.
    pub(super) fn admit(mut self, change: Change, max: usize) -> Result<Change, SessionError> {
        self.changes.push(change);
        let last = &self.changes[self.changes.len() - 1];
        let value = self.value(last.key())?.map_or(0, |value| value.get().len());
        let change = last.clone().sized(value);
        // The bound is cheap and nearly always enough; only beyond it the whole is measured.
        let bound: usize = self.changes.iter().map(Change::size).sum::<usize>() + value;
        let room = max.saturating_sub(META_ROOM);
        if self.object.len() + bound > room
            && changes::apply(&self.object, self.changes.iter())?.len() > room
        {
            return Err(SessionError::TooLarge);
        }
        Ok(change)
    }
}

/// What is kept free for the secret's hash and the identity.
const META_ROOM: usize = 2048;
