//! Saves a request's changes to the store in one step, and applies them again after a conflict.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::event::EventKind;
use tower_auth_core::store::{self, EndReason, Key, Load, Record, RecordId, Stored, Write};
use tower_auth_core::{Timer as _, Timestamp};

use crate::crypto::credential::Credential;
use crate::crypto::keys::random;
use crate::principal::owner;
use crate::session::SessionError;
use crate::session::config::Config;
use crate::session::record::meta::Meta;
use crate::session::state::changes::{self, Changes};
use crate::session::state::sent::Sent;
use crate::session::state::{Batch, Live, Loaded, Login, SessionState};

/// The maximum number of times that a save is repeated after a conflict.
const RETRIES: usize = 16;

impl SessionState {
    /// Saves pending changes, if there are any.
    ///
    /// If the future is dropped, its changes are either saved or not. They are not sent again.
    pub(super) async fn flush(&self) -> Result<(), SessionError> {
        let _turn = self.turn.lock().await;
        let (work, loaded) = {
            let mut inner = self.lock();
            if !inner.is_changed() {
                return Ok(());
            }
            let batch = Arc::new(inner.take_changes());
            inner.in_flight = Some(batch.clone());
            let work = Work {
                begins: inner.promise().cloned(),
                config: self.config.clone(),
                batch,
                login: inner.login.take(),
                now: self.config.clock.now(),
            };
            (work, inner.loaded.clone())
        };
        let in_flight = InFlight { cell: self, is_login: work.login.is_some() };
        let saved = work.run(&loaded).await;
        if matches!(saved, Err(SessionError::Ended(_))) {
            self.lock().is_dead = true;
        }
        let Saved { live, send } = saved?;
        work.landed(live.credential.id);
        in_flight.landed(live, send);
        Ok(())
    }
}

/// A session as another writer has left it.
enum Reload {
    /// The record, and the time at which its secret was renewed.
    Saved(Stored, Timestamp),
    Rotated,
    Gone(Option<EndReason>),
}

/// The session that the store has acknowledged.
struct Saved {
    live: Live,
    /// The client does not have this credential yet.
    send: bool,
}

/// Marks changes as on their way to the store. Its drop removes the mark.
struct InFlight<'a> {
    cell: &'a SessionState,
    is_login: bool,
}

impl InFlight<'_> {
    fn landed(mut self, live: Live, send: bool) {
        let is_login = std::mem::take(&mut self.is_login);
        // Declared before the lock, so that the value drops after the lock: dropping the value may
        // run the application's code.
        let _landed;
        let cell = self.cell;
        let mut inner = cell.lock();
        let transport = &cell.config.transport;
        let is_given = send || transport.held.is_some();
        if is_given || is_login {
            inner.sent = Sent::Given;
        }
        // A login during this save has already sent its own credential.
        let is_given = is_given && inner.login.is_none();
        if is_given && let Some(context) = inner.context(cell) {
            // If the client keeps the record, write both cookies or neither. The client keeps the
            // cookies of the last response that arrives, and both must be from one save.
            transport.write(&context, &live.credential);
            transport.write_record(&context, &live);
        }
        _landed = inner.in_flight.take();
        inner.promised = None;
        inner.is_dead = false;
        inner.set_base(Loaded::Live(live));
        if is_given {
            inner.reserve_anew(cell);
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        // Declared before the lock, as above.
        let _dropped;
        let mut inner = self.cell.lock();
        _dropped = inner.in_flight.take();
        if _dropped.is_none() {
            return;
        }
        inner.read_anew();
        // A failed login must not leave its cookie in the response. A login during the save keeps
        // its cookie, which is the last one of that name.
        if self.is_login && inner.login.is_none() {
            inner.take_back(self.cell);
        }
        inner.reserve_anew(self.cell);
    }
}

/// The input of one save.
struct Work {
    /// The credential of the session that the changes start.
    begins: Option<Credential>,
    config: Arc<Config>,
    batch: Arc<Batch>,
    login: Option<Login>,
    now: Timestamp,
}

impl Work {
    async fn run(&self, loaded: &Loaded) -> Result<Saved, SessionError> {
        match (loaded, &self.login) {
            (Loaded::Unknown, _) => Err(SessionError::Unavailable),
            (Loaded::Rotated, None) => Err(SessionError::Rotated),
            (Loaded::Nothing | Loaded::Unreadable(_) | Loaded::Ended(..), None) => {
                let begins = self.begins.clone().unwrap_or_else(Credential::random);
                self.create(begins, &self.batch.all()).await
            }
            // The login also saves the data of an anonymous visitor who had no record yet.
            (Loaded::Nothing | Loaded::Unreadable(_) | Loaded::Ended(..), Some(login)) => {
                self.create(login.credential.clone(), &self.batch.all()).await
            }
            (Loaded::Rotated, Some(login)) => {
                self.create(login.credential.clone(), &self.batch.since_login()).await
            }
            (Loaded::Live(live), Some(login)) if !login.keeps => {
                // End the old session last: if the store accepts no new record, for example because
                // it is full, the client must stay logged in. If the old session cannot be ended,
                // the save fails, and the client keeps the old session. The new record then stays
                // until it expires, but no client has its secret.
                let saved =
                    self.create(login.credential.clone(), &self.batch.since_login()).await?;
                let key = Key::new(store::RecordKind::Session, live.credential.id);
                self.config.store.end(key, EndReason::Replaced, self.config.idle).await?;
                self.config.emit_ended(EventKind::SessionReplaced, key.id);
                Ok(saved)
            }
            (Loaded::Live(live), _) => self.save(live).await,
        }
    }

    /// Creates a record with `changes`.
    async fn create(
        &self,
        mut credential: Credential,
        changes: &[&Changes],
    ) -> Result<Saved, SessionError> {
        let data = Bytes::from(changes::apply(b"", changes)?);
        for _ in 0..=RETRIES {
            let record = Record {
                owner: None,
                created: self.now,
                last: self.now,
                idle: self.config.idle,
                absolute: self.now + self.config.absolute,
                meta: Meta::write(&credential, self.now, None),
                data: data.clone(),
                data_is_json: true,
            };
            let record = self.with_login(record, &credential);
            let key = Key::new(store::RecordKind::Session, credential.id);
            match self.config.store.create(key, record.clone()).await? {
                Write::Done(version) => {
                    self.config.emit(EventKind::SessionCreated, Some(key.id));
                    let live = Self::live(credential, Stored { version, record }, self.now);
                    let given = |login: &Login| login.credential.id == live.credential.id;
                    return Ok(Saved { send: !self.login.as_ref().is_some_and(given), live });
                }
                // Random ids practically never collide. If one does, try another.
                Write::Conflict | Write::Ended(_) => credential = credential.with_new_handle(),
            }
        }
        Err(SessionError::Busy)
    }

    /// Replaces the version that was read, or the version of a writer that was faster.
    ///
    /// Boxes the steps for the rare cases, in which another writer is active or the session has
    /// ended. So the future of every other save stays small.
    async fn save(&self, live: &Live) -> Result<Saved, SessionError> {
        let key = Key::new(store::RecordKind::Session, live.credential.id);
        // A request may take longer than its session lasts. A login then starts a new session.
        if self.now >= live.stored.record.absolute {
            return Box::pin(self.gone(None)).await;
        }
        // A record that the client keeps cannot be read again, so there is nothing to wait for.
        let is_shared = self.config.transport.held.is_none();
        let queue = &self.config.locks;
        let mut place = if is_shared { queue.behind(key.id).await } else { None };
        // If this writer waited in the queue, another writer has replaced the version that was
        // read.
        let mut later = match &place {
            Some(_) => Some(Box::pin(self.reload(live)).await?),
            None => None,
        };
        for conflicts in 0..=RETRIES {
            let (stored, rotated_at) = match later.as_deref() {
                None => (&live.stored, live.rotated_at),
                Some(Reload::Saved(stored, rotated_at)) => (stored, *rotated_at),
                Some(Reload::Gone(reason)) => return Box::pin(self.gone(*reason)).await,
                Some(Reload::Rotated) => return Box::pin(self.rotated()).await,
            };
            let new = self.login.as_ref().map_or(&live.credential, |login| &login.credential);
            let record = self.changed(&stored.record, new)?;
            match self.config.store.save(key, stored.version, record.clone()).await? {
                Write::Done(version) => {
                    let rotated_at = self.login.as_ref().map_or(rotated_at, |login| login.at);
                    let live = Self::live(new.clone(), Stored { version, record }, rotated_at);
                    return Ok(Saved { live, send: false });
                }
                Write::Ended(reason) => return Box::pin(self.gone(Some(reason))).await,
                Write::Conflict => {}
            }
            if place.is_none() && is_shared {
                place = Some(Box::pin(queue.queue(key.id)).await);
            } else {
                self.step_aside(conflicts).await;
            }
            later = Some(Box::pin(self.reload(live)).await?);
        }
        Err(SessionError::Busy)
    }

    /// Reads the version that another writer has saved meanwhile.
    async fn reload(&self, live: &Live) -> Result<Box<Reload>, SessionError> {
        let key = Key::new(store::RecordKind::Session, live.credential.id);
        let stored = match self.config.store.load(key).await? {
            Load::Found(stored) => stored,
            Load::Ended { reason, .. } => return Ok(Box::new(Reload::Gone(Some(reason)))),
            Load::Absent => return Ok(Box::new(Reload::Gone(None))),
        };
        Ok(Box::new(match Meta::read(&stored, key.id) {
            None => Reload::Gone(None),
            Some(meta) if live.credential.matches(&meta.hash) => {
                Reload::Saved(stored, meta.rotated_at)
            }
            Some(_) => {
                self.config.emit(EventKind::SessionRotated, Some(key.id));
                Reload::Rotated
            }
        }))
    }

    /// Handles a secret that another request has renewed: a login starts a new session, and any
    /// other change is refused.
    async fn rotated(&self) -> Result<Saved, SessionError> {
        match &self.login {
            Some(login) if !login.is_update => self.start_over(login).await,
            _ => Err(SessionError::Rotated),
        }
    }

    /// Waits before the next attempt, if there is a timer. This writer has its turn on this node,
    /// so the conflict came from another node. The wait is random, up to a limit that doubles with
    /// each conflict, so that one of the two nodes goes first. All waits of a save together are
    /// below 0.8 s.
    async fn step_aside(&self, conflicts: usize) {
        if let Some(timer) = &self.config.timer {
            let most = 1000 << conflicts.clamp(1, 6);
            let micros = u64::from_le_bytes(random()) % most;
            timer.sleep(Duration::from_micros(micros)).await;
        }
    }

    /// Emits the login event once the store has accepted the save.
    fn landed(&self, record: RecordId) {
        if let Some(login) = &self.login {
            let kind = if login.is_update {
                EventKind::SessionIdentityUpdated
            } else {
                EventKind::SessionLogin
            };
            self.config.emit_with_identity(kind, record, &login.identity);
        }
    }

    /// Handles an ended record: a login starts a new one, and any other change is refused.
    async fn gone(&self, reason: Option<EndReason>) -> Result<Saved, SessionError> {
        match &self.login {
            Some(login) if !login.is_update => self.start_over(login).await,
            _ => Err(SessionError::Ended(reason)),
        }
    }

    /// Creates a record under a new id. The secret of the login stays, because a CSRF token in this
    /// response may be bound to it.
    async fn start_over(&self, login: &Login) -> Result<Saved, SessionError> {
        self.create(login.credential.with_new_handle(), &self.batch.since_login()).await
    }

    /// Returns the record with this request's changes.
    fn changed(&self, before: &Record, credential: &Credential) -> Result<Record, SessionError> {
        let has_values = !(self.batch.earlier.is_empty() && self.batch.changes.is_empty());
        let mut record = before.clone();
        // A mere update of the identity moves the idle deadline only if enough time has passed for
        // a touch. Otherwise the arrival of the request has already counted as use.
        if has_values || use_counts(before, self.now) || self.login.is_none() {
            record.last = self.now.max(before.last);
        }
        if has_values {
            record.data = changes::apply(&before.data, &self.batch.all())?.into();
            record.data_is_json = true;
        }
        Ok(self.with_login(record, credential))
    }

    /// Applies the login to the record: owner, secret, identity, and both timeouts restarted.
    fn with_login(&self, record: Record, credential: &Credential) -> Record {
        let Some(login) = &self.login else {
            return record;
        };
        let meta = Meta::write(credential, login.at, Some(&login.identity));
        if login.is_update {
            return Record { meta, ..record };
        }
        let authenticated_at = login.identity.authenticated_at().unwrap_or(login.at);
        Record {
            owner: Some(owner(&login.identity)),
            last: login.at.max(record.last),
            idle: self.config.idle,
            absolute: authenticated_at + self.config.absolute,
            meta,
            ..record
        }
    }

    const fn live(credential: Credential, stored: Stored, rotated_at: Timestamp) -> Live {
        Live { credential, stored, rotated_at, identity: OnceLock::new(), is_due: false }
    }
}

/// Returns `true` if more than a tenth of the idle timeout has passed, so that a use is worth a
/// store command.
pub(super) fn use_counts(record: &Record, now: Timestamp) -> bool {
    now.since(record.last) > record.idle / 10
}
