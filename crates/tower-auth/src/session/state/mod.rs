//! The state of one request's session: the stored version, and the changes since.

pub(super) mod changes;
pub(super) mod lazy;
pub(super) mod loaded;
pub(super) mod sent;
pub(super) mod size;
pub(super) mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tower_auth_core::store::{Owner, RecordId};
use tower_auth_core::{Identity, Timestamp};

use crate::crypto::credential::Credential;
use crate::request::Context;
use crate::session::config::Config;
use crate::session::error::SessionError;
use crate::session::state::changes::{Change, Changes, Step};
pub(in crate::session) use crate::session::state::loaded::{Live, Loaded};
use crate::session::state::sent::Sent;
use crate::session::state::size::Size;
use crate::session::state::view::Index;

/// The state that all clones of a [`Session`](crate::session::Session) share.
pub(in crate::session) struct SessionState {
    pub(in crate::session) config: Arc<Config>,
    /// Weak, because the context holds the session.
    pub(in crate::session) context: Weak<Context>,
    inner: Mutex<Inner>,
    /// Admits one writer of this request to the store at a time.
    pub(in crate::session) turn: tokio::sync::Mutex<()>,
}

pub(in crate::session) struct Inner {
    pub(in crate::session) loaded: Loaded,
    /// Changes that are not at the store yet, made before the pending login, or before an earlier
    /// login of the same principal.
    pub(in crate::session) earlier: Changes,
    /// Changes that are not at the store yet.
    pub(in crate::session) changes: Changes,
    /// Changes that are at the store now: reads still apply them, but they are not sent twice.
    pub(in crate::session) in_flight: Option<Arc<Batch>>,
    pub(in crate::session) login: Option<Login>,
    /// The cookies that the response carries, apart from those of a pending login.
    pub(in crate::session) sent: Sent,
    /// A save found the session ended: the client's cookie is no longer valid.
    pub(in crate::session) is_dead: bool,
    /// Grows with every change of a value's input.
    pub(in crate::session) revision: u64,
    /// The number of searches in the stored object. After enough of them, `index` has the positions
    /// of its values.
    pub(in crate::session) searches: u32,
    pub(in crate::session) index: Option<Arc<Index>>,
    pub(in crate::session) size: Size,
    /// The credential of the session that the changes start, once something is bound to it.
    pub(in crate::session) promised: Option<Credential>,
    /// The response's head was sent, or the request was dropped.
    pub(in crate::session) closed: bool,
    /// The request was dropped. Tasks that it left running must not touch the cookies: these now
    /// belong to the next attempt.
    pub(in crate::session) given_up: bool,
}

/// Changes that are saved in one step.
pub(in crate::session) struct Batch {
    /// The changes before the login. They are saved only if the record stays.
    pub(in crate::session) earlier: Changes,
    pub(in crate::session) changes: Changes,
}

impl Batch {
    /// Returns all changes, in the order in which they are applied.
    pub(in crate::session) const fn all(&self) -> [&Changes; 2] {
        [&self.earlier, &self.changes]
    }

    /// Returns the changes for a record that a login starts without the earlier values.
    pub(in crate::session) const fn since_login(&self) -> [&Changes; 1] {
        [&self.changes]
    }
}

/// A pending login, or a pending update of the identity: the store has neither yet. Both renew the
/// secret.
#[derive(Clone)]
pub(in crate::session) struct Login {
    pub(in crate::session) identity: Identity,
    /// Created at the call, so that the same response can contain tokens that are bound to it.
    pub(in crate::session) credential: Credential,
    pub(in crate::session) at: Timestamp,
    /// `true` if the record stays and its secret is renewed. Otherwise the login starts a new
    /// record.
    pub(in crate::session) keeps: bool,
    /// Only the identity changes: no deadline moves, and an end or a rotation of the session wins
    /// over it.
    pub(in crate::session) is_update: bool,
    /// The octets of the record's meta.
    pub(in crate::session) meta: usize,
}

impl SessionState {
    /// Inlined, because the value is large and would otherwise be moved once more.
    #[inline(always)]
    pub(in crate::session) fn new(
        config: Arc<Config>,
        context: &Arc<Context>,
        loaded: Loaded,
    ) -> Self {
        let size = Size::of(match &loaded {
            Loaded::Live(live) => &live.stored.record.data,
            _ => &[],
        });
        Self {
            config,
            context: Arc::downgrade(context),
            inner: Mutex::new(Inner {
                loaded,
                earlier: Changes::default(),
                changes: Changes::default(),
                in_flight: None,
                login: None,
                sent: Sent::Nothing,
                is_dead: false,
                revision: 0,
                searches: 0,
                index: None,
                size,
                promised: None,
                closed: false,
                given_up: false,
            }),
            turn: tokio::sync::Mutex::default(),
        }
    }

    pub(in crate::session) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses every write from now on, and drops unsaved changes.
    pub(in crate::session) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.given_up = true;
        inner.login = None;
        let forgotten = inner.take_changes();
        drop(inner);
        // The changes hold the application's closures, and dropping them may run its code: not
        // under the lock.
        drop(forgotten);
    }

    /// Returns `true` if the store has this request's session under this id.
    pub(in crate::session) fn has(&self, name: &RecordId) -> bool {
        matches!(&self.lock().loaded, Loaded::Live(live) if live.credential.id == *name)
    }

    /// Returns the session's id, if the store has the session and it belongs to `owner`.
    pub(in crate::session) fn stored_of(&self, owner: &Owner) -> Option<RecordId> {
        match &self.lock().loaded {
            Loaded::Live(live) if live.stored.record.owner == Some(*owner) => {
                Some(live.credential.id)
            }
            _ => None,
        }
    }

    /// Notes that this request has ended its own session, other than by a logout.
    pub(in crate::session) fn ended(&self, name: &RecordId) {
        // Once the head was sent, the request can start no new session.
        if self.has(name) && !self.lock().closed {
            self.left();
        }
    }

    /// Forgets the ended session, and removes its cookie from the client. A later write of this
    /// request starts a new session.
    pub(in crate::session) fn left(&self) {
        // Declared before the lock, so that the value drops after the lock: dropping the value may
        // run the application's code.
        let _forgotten;
        let mut inner = self.lock();
        inner.login = None;
        inner.promised = None;
        _forgotten = inner.take_changes();
        let is_rotated = matches!(inner.loaded, Loaded::Rotated);
        inner.set_base(if is_rotated { Loaded::Rotated } else { Loaded::Nothing });
        inner.sent = if is_rotated { Sent::Nothing } else { Sent::Removed };
        if let Some(context) = inner.context(self) {
            context.jar.release();
            self.config.transport.withdraw(&context);
            if !is_rotated {
                self.config.transport.remove_own(&context);
            }
            if self.config.clear_cache {
                context.jar.clear_cache();
            }
        }
    }

    /// Removes the client's cookie of a session that ended while the request was under way.
    pub(in crate::session) fn remove_dead(&self) {
        let inner = self.lock();
        if inner.is_dead
            && let Some(context) = inner.context(self)
        {
            self.config.transport.withdraw(&context);
            self.config.transport.remove_own(&context);
        }
    }

    /// Keeps the client's credentials while a logout ends their sessions, until that is confirmed.
    /// So the client can ask again.
    pub(in crate::session) fn keep_cookie(&self) {
        let mut inner = self.lock();
        // Without a login, removals are all that was written.
        if matches!(inner.loaded, Loaded::Ended(..) | Loaded::Nothing)
            && inner.login.is_none()
            && let Some(context) = inner.context(self)
        {
            inner.sent = Sent::Nothing;
            self.config.transport.withdraw(&context);
        }
    }

    /// Counts a use at `now`, and returns the live session whose store must record it.
    pub(in crate::session) fn use_at(&self, now: Timestamp) -> Option<RecordId> {
        match &mut self.lock().loaded {
            Loaded::Live(live) if now < live.stored.record.absolute => {
                live.stored.record.last = live.stored.record.last.max(now);
                Some(live.credential.id)
            }
            _ => None,
        }
    }

    #[cfg(test)]
    pub(in crate::session) fn is_free(&self) -> bool {
        self.inner.try_lock().is_ok()
    }
}

impl Inner {
    /// Returns `true` if there are changes for the store.
    pub(in crate::session) fn is_changed(&self) -> bool {
        self.login.is_some() || !self.changes.is_empty()
    }

    /// Returns the credential of the session that these changes will start, if they start one.
    /// Always the same credential.
    pub(in crate::session) fn promise(&mut self) -> Option<&Credential> {
        let is_new =
            matches!(self.loaded, Loaded::Nothing | Loaded::Unreadable(_) | Loaded::Ended(..));
        let is_changed = self.layers().any(|changes| !changes.is_empty());
        if !is_new || !is_changed || self.login.is_some() {
            return None;
        }
        Some(self.promised.get_or_insert_with(Credential::random))
    }

    /// Returns the context, for its cookies.
    pub(in crate::session) fn context(&self, cell: &SessionState) -> Option<Arc<Context>> {
        if self.given_up { None } else { cell.context.upgrade() }
    }

    /// Returns an error if the session cannot be changed.
    pub(in crate::session) fn check_writable(&self) -> Result<(), SessionError> {
        if self.closed {
            return Err(SessionError::ResponseSent);
        }
        match self.loaded {
            Loaded::Unknown => Err(SessionError::Unavailable),
            Loaded::Rotated if self.login.is_none() => Err(SessionError::Rotated),
            _ => Ok(()),
        }
    }

    /// Returns the stored values that count.
    pub(in crate::session) fn object(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match (&self.loaded, &self.login) {
            // A login that starts a new record starts without values.
            (Loaded::Live(_), Some(login)) if !login.keeps => &NONE,
            (Loaded::Live(live), _) => &live.stored.record.data,
            _ => &NONE,
        }
    }

    /// Returns the changes on top of the stored values, the latest first.
    pub(in crate::session) fn layers(&self) -> impl Iterator<Item = &Changes> {
        let in_flight = self.in_flight.iter().flat_map(|batch| [&batch.changes, &batch.earlier]);
        [&self.changes, &self.earlier].into_iter().chain(in_flight)
    }

    /// Adds a change, if the result still fits into `max`. Returns the step that it replaces; the
    /// caller drops it outside the lock.
    pub(in crate::session) fn push(
        &mut self,
        cell: &SessionState,
        key: Arc<str>,
        change: Change,
        max: usize,
    ) -> Result<Option<Step>, SessionError> {
        self.reserve(cell, &key, change.cost(&key), max)?;
        self.revision += 1;
        Ok(self.changes.push(key, change))
    }

    /// Takes the changes out, to save or to drop them.
    pub(in crate::session) fn take_changes(&mut self) -> Batch {
        self.revision += 1;
        Batch {
            earlier: std::mem::take(&mut self.earlier),
            changes: std::mem::take(&mut self.changes),
        }
    }

    /// Replaces the stored version, and with it everything computed from the previous one.
    pub(in crate::session) fn set_base(&mut self, loaded: Loaded) {
        self.loaded = loaded;
        self.read_anew();
    }

    /// Forgets everything computed from the stored version and from changes that no longer exist.
    pub(in crate::session) fn read_anew(&mut self) {
        self.revision += 1;
        self.index = None;
        self.searches = 0;
        self.earlier.forget_values();
        self.changes.forget_values();
        self.measure_anew();
    }

    /// Returns the identity of the session, with the pending login applied.
    pub(in crate::session) fn identity(&self) -> Option<&Identity> {
        match (&self.login, &self.loaded) {
            (Some(login), _) => Some(&login.identity),
            (None, Loaded::Live(live)) => live.identity(),
            (None, _) => None,
        }
    }
}
