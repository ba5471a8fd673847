//! What one request knows of its session: what the store held, and what was changed since.

pub(super) mod base;
pub(super) mod changes;
pub(super) mod lazy;
pub(super) mod sent;
pub(super) mod size;
pub(super) mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use tower_auth_core::store::{Handle, Owner};
use tower_auth_core::{Identity, Timestamp};

use crate::crypto::credential::Credential;
use crate::request::Context;
use crate::session::config::Config;
use crate::session::error::SessionError;
pub(in crate::session) use crate::session::state::base::{Base, Live};
use crate::session::state::changes::{Change, Changes, Step};
use crate::session::state::sent::Sent;
use crate::session::state::size::Size;
use crate::session::state::view::Index;

/// Shared by every clone of a [`Session`](crate::session::Session) handle.
pub(in crate::session) struct Cell {
    pub(in crate::session) config: Arc<Config>,
    /// Weak, because the context holds the session.
    pub(in crate::session) context: Weak<Context>,
    inner: Mutex<Inner>,
    /// One writer to the store at a time, within this request.
    pub(in crate::session) turn: tokio::sync::Mutex<()>,
}

pub(in crate::session) struct Inner {
    pub(in crate::session) base: Base,
    /// Not yet given to the store, and made before the login, or before an earlier one of the same
    /// principal.
    pub(in crate::session) earlier: Changes,
    /// Not yet given to the store.
    pub(in crate::session) changes: Changes,
    /// With the store just now: still to be seen by reads, not to be sent twice.
    pub(in crate::session) in_flight: Option<Arc<Batch>>,
    pub(in crate::session) login: Option<Login>,
    /// What the response tells the client of the session, apart from a pending login.
    pub(in crate::session) sent: Sent,
    /// A save found the session ended: the client's cookie proves nothing any more.
    pub(in crate::session) is_dead: bool,
    /// Grows with everything that a value may be made of.
    pub(in crate::session) revision: u64,
    /// How often the stored object was searched, and from then on where its values lie.
    pub(in crate::session) searches: u32,
    pub(in crate::session) index: Option<Arc<Index>>,
    pub(in crate::session) size: Size,
    /// The credential of the session that the changes begin, once something is bound to it.
    pub(in crate::session) promised: Option<Credential>,
    /// The response's head is out, or the request was dropped.
    pub(in crate::session) closed: bool,
    /// It was dropped. What it left running must not touch the cookies: they are the next
    /// attempt's by now.
    pub(in crate::session) given_up: bool,
}

/// Changes that are saved in one step.
pub(in crate::session) struct Batch {
    /// Before the login: part of it only where the record stays.
    pub(in crate::session) earlier: Changes,
    pub(in crate::session) changes: Changes,
}

impl Batch {
    /// In the order in which they are applied.
    pub(in crate::session) const fn all(&self) -> [&Changes; 2] {
        [&self.earlier, &self.changes]
    }

    /// Those that go into a record which a login starts without what was there before it.
    pub(in crate::session) const fn since_login(&self) -> [&Changes; 1] {
        [&self.changes]
    }
}

/// A login that the store has not heard of, or an update of the identity: both renew the secret.
#[derive(Clone)]
pub(in crate::session) struct Login {
    pub(in crate::session) identity: Identity,
    /// Made at the call, so that what is rendered in the same response can be bound to it.
    pub(in crate::session) credential: Credential,
    pub(in crate::session) at: Timestamp,
    /// Whether the record stays and its secret is renewed; else the login starts a new record.
    pub(in crate::session) keeps: bool,
    /// The identity alone changes: no deadline moves, and it loses to an end and to a rotation.
    pub(in crate::session) is_update: bool,
    /// Octets that the record's own part will take.
    pub(in crate::session) meta: usize,
}

impl Cell {
    /// Inlined, since it is large and would be moved once more.
    #[inline(always)]
    pub(in crate::session) fn new(config: Arc<Config>, context: &Arc<Context>, base: Base) -> Self {
        let size = Size::of(match &base {
            Base::Live(live) => &live.stored.record.data,
            _ => &[],
        });
        Self {
            config,
            context: Arc::downgrade(context),
            inner: Mutex::new(Inner {
                base,
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

    /// Refuses every write from now on, and forgets what was not saved.
    pub(in crate::session) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.given_up = true;
        inner.login = None;
        let forgotten = inner.take_changes();
        drop(inner);
        // With them goes what the application's closures hold, and its code may run: not under the
        // lock.
        drop(forgotten);
    }

    /// Whether the store has this request's session under that name.
    pub(in crate::session) fn has(&self, name: &Handle) -> bool {
        matches!(&self.lock().base, Base::Live(live) if live.credential.handle == *name)
    }

    /// The session's name, if the store has it as this owner's.
    pub(in crate::session) fn stored_of(&self, owner: &Owner) -> Option<Handle> {
        match &self.lock().base {
            Base::Live(live) if live.stored.record.owner == Some(*owner) => {
                Some(live.credential.handle)
            }
            _ => None,
        }
    }

    /// The request itself has ended its session, by another way than a logout.
    pub(in crate::session) fn ended(&self, name: &Handle) {
        // Once the head is out there is nothing to go on with.
        if self.has(name) && !self.lock().closed {
            self.left();
        }
    }

    /// Forgets the session, which has ended, and takes its cookie from the client. What this request
    /// writes from here on starts a new session.
    pub(in crate::session) fn left(&self) {
        // Before the lock, so that it is dropped after it: the application's closures go with it.
        let _forgotten;
        let mut inner = self.lock();
        inner.login = None;
        inner.promised = None;
        _forgotten = inner.take_changes();
        let is_rotated = matches!(inner.base, Base::Rotated);
        inner.set_base(if is_rotated { Base::Rotated } else { Base::Nothing });
        inner.sent = if is_rotated { Sent::Nothing } else { Sent::Removed };
        if let Some(context) = inner.context(self) {
            context.jar.release();
            self.config.carrier.withdraw(&context);
            if !is_rotated {
                self.config.carrier.remove_own(&context);
            }
            if self.config.clear_cache {
                context.jar.clear_cache();
            }
        }
    }

    /// Takes the cookie of a session from the client that ended while the request was under way.
    pub(in crate::session) fn remove_dead(&self) {
        let inner = self.lock();
        if inner.is_dead
            && let Some(context) = inner.context(self)
        {
            self.config.carrier.withdraw(&context);
            self.config.carrier.remove_own(&context);
        }
    }

    /// Leaves the client the credentials that a logout is about to end until that is confirmed, so
    /// that it can ask again.
    pub(in crate::session) fn keep_cookie(&self) {
        let mut inner = self.lock();
        // Without a login all that was written are removals.
        if matches!(inner.base, Base::Ended(..) | Base::Nothing)
            && inner.login.is_none()
            && let Some(context) = inner.context(self)
        {
            inner.sent = Sent::Nothing;
            self.config.carrier.withdraw(&context);
        }
    }

    /// Counts a use at that moment, if there is a live session whose store is to hear of it.
    pub(in crate::session) fn use_at(&self, now: Timestamp) -> Option<Handle> {
        match &mut self.lock().base {
            Base::Live(live) if now < live.stored.record.absolute => {
                live.stored.record.last = live.stored.record.last.max(now);
                Some(live.credential.handle)
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
    /// Whether the store must hear of something.
    pub(in crate::session) fn is_changed(&self) -> bool {
        self.login.is_some() || !self.changes.is_empty()
    }

    /// The credential of the session that these changes are going to begin, if they do; always the
    /// same one.
    pub(in crate::session) fn promise(&mut self) -> Option<&Credential> {
        let is_new = matches!(self.base, Base::Nothing | Base::Unreadable(_) | Base::Ended(..));
        let is_changed = self.layers().any(|changes| !changes.is_empty());
        if !is_new || !is_changed || self.login.is_some() {
            return None;
        }
        Some(self.promised.get_or_insert_with(Credential::random))
    }

    /// The context, for its cookies.
    pub(in crate::session) fn context(&self, cell: &Cell) -> Option<Arc<Context>> {
        if self.given_up { None } else { cell.context.upgrade() }
    }

    /// Whether the session may be changed, and if not, why.
    pub(in crate::session) fn check_writable(&self) -> Result<(), SessionError> {
        if self.closed {
            return Err(SessionError::ResponseSent);
        }
        match self.base {
            Base::Unknown => Err(SessionError::Unavailable),
            Base::Rotated if self.login.is_none() => Err(SessionError::Rotated),
            _ => Ok(()),
        }
    }

    /// The stored values that count.
    pub(in crate::session) fn object(&self) -> &Bytes {
        static NONE: Bytes = Bytes::new();
        match (&self.base, &self.login) {
            // A login that starts a new record starts without any.
            (Base::Live(_), Some(login)) if !login.keeps => &NONE,
            (Base::Live(live), _) => &live.stored.record.data,
            _ => &NONE,
        }
    }

    /// The changes on top of the stored values, latest first.
    pub(in crate::session) fn layers(&self) -> impl Iterator<Item = &Changes> {
        let in_flight = self.in_flight.iter().flat_map(|batch| [&batch.changes, &batch.earlier]);
        [&self.changes, &self.earlier].into_iter().chain(in_flight)
    }

    /// Adds a change, if the whole still fits into `max`. Returns what it replaced, to be dropped
    /// outside of the lock.
    pub(in crate::session) fn push(
        &mut self,
        cell: &Cell,
        key: Arc<str>,
        change: Change,
        max: usize,
    ) -> Result<Option<Step>, SessionError> {
        self.reserve(cell, &key, change.cost(&key), max)?;
        self.revision += 1;
        Ok(self.changes.push(key, change))
    }

    /// Takes the changes out, to be saved or to be forgotten.
    pub(in crate::session) fn take_changes(&mut self) -> Batch {
        self.revision += 1;
        Batch {
            earlier: std::mem::take(&mut self.earlier),
            changes: std::mem::take(&mut self.changes),
        }
    }

    /// The store holds something else now than what the values were worked out from.
    pub(in crate::session) fn set_base(&mut self, base: Base) {
        self.base = base;
        self.read_anew();
    }

    /// Forgets what was worked out from what the store held, and from changes that are no more.
    pub(in crate::session) fn read_anew(&mut self) {
        self.revision += 1;
        self.index = None;
        self.searches = 0;
        self.earlier.forget_values();
        self.changes.forget_values();
        self.measure_anew();
    }

    /// Who the session is of, as this request will leave it.
    pub(in crate::session) fn identity(&self) -> Option<&Identity> {
        match (&self.login, &self.base) {
            (Some(login), _) => Some(&login.identity),
            (None, Base::Live(live)) => live.identity(),
            (None, _) => None,
        }
    }
}
