//! The settings of a built layer, shared by all requests and never copied.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use http::HeaderValue;
use http::request::Parts;
use tower_auth_core::event::{Event, EventKind, LogId};
use tower_auth_core::store::{self, RecordId};
use tower_auth_core::{AnyTimer, AuthMethod, Authentication, Clock, Events, Identity, Timestamp};

use crate::crypto::keys::LogIds;
use crate::principal::localise;
use crate::session::transport::Transport;
use crate::session::writer_lock::WriterLocks;
use crate::store::AnyStore;

/// The layer's name in its events.
pub(super) const LAYER: &str = "SessionLayer";

pub(super) type Skip = dyn Fn(&Parts) -> bool + Send + Sync;

pub(crate) struct Config {
    pub(super) store: AnyStore,
    pub(super) clock: Clock,
    pub(super) timer: Option<AnyTimer>,
    pub(super) transport: Transport,
    pub(super) idle: Duration,
    pub(super) absolute: Duration,
    pub(super) issuer: String,
    pub(super) challenge: HeaderValue,
    pub(super) skip: Option<Arc<Skip>>,
    pub(super) allow_caching: bool,
    /// Adds `Clear-Site-Data` at a logout.
    pub(super) clear_cache: bool,
    pub(super) locks: WriterLocks,
    pub(super) events: Events,
    /// The pre-session cookies, which a login removes if no CSRF layer is outside.
    #[cfg(feature = "csrf")]
    pub(super) pre_session: crate::csrf::PreSession,
    pub(super) log_ids: LogIds,
    /// Set once [`Sessions`](crate::session::Sessions) have been created: with them, a request may
    /// end its own session.
    pub(super) has_sessions: AtomicBool,
}

impl Config {
    /// Emits an event, if anything listens to its kind.
    pub(super) fn emit(&self, kind: EventKind, about: Option<RecordId>) {
        if self.events.wants(kind) {
            let event = Event::new(kind, LAYER);
            self.events.emit(about.map_or(event, |record| event.about(self.log_id(&record))));
        }
    }

    /// Emits an event of a session that this client has left. Without a store, a copy of the cookie
    /// stays valid, and the event says so.
    pub(super) fn emit_ended(&self, kind: EventKind, record: RecordId) {
        if self.events.wants(kind) {
            let event = Event::new(kind, LAYER).about(self.log_id(&record));
            self.events.emit(if self.transport.is_without_store() {
                event
                    .because("cookie_only")
                    .detail("the cookie was removed; a copy of it stays valid until it expires")
            } else {
                event
            });
        }
    }

    /// Emits an event of a session and its identity, if anything listens to its kind.
    pub(super) fn emit_with_identity(&self, kind: EventKind, about: RecordId, identity: &Identity) {
        if self.events.wants(kind) {
            let event = Event::new(kind, LAYER).about(self.log_id(&about));
            self.events.emit(event.of(identity));
        }
    }

    /// Returns the session's id in logs.
    pub(super) fn log_id(&self, record: &RecordId) -> LogId {
        self.log_ids.of(store::RecordKind::Session, record)
    }

    /// Sets the issuer of a local identity to this application's name.
    pub(super) fn localise(&self, identity: Identity) -> Identity {
        localise(identity, &self.issuer)
    }

    /// Returns the identity with a session as its authentication, valid until the session ends. The time of
    /// the authentication is the identity's own, or `now` if it has none. An older time stays; a
    /// time in the future becomes `now`.
    pub(super) fn vouch(&self, identity: &Identity, session: RecordId, now: Timestamp) -> Identity {
        let at = identity.authenticated_at().map_or(now, |at| at.min(now));
        identity.with_authentication(Authentication {
            method: AuthMethod::Session,
            authenticated_at: Some(at),
            expires_at: Some((now + self.idle).min(at + self.absolute)),
            session: Some(session),
        })
    }
}
