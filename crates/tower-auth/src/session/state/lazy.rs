//! A request's session, created when the handler first uses it.

use std::sync::Arc;

use tower_auth_core::AuthState;
use tower_auth_core::store::RecordId;

#[cfg(feature = "csrf")]
use crate::crypto::credential::Credential;
use crate::request::Context;
use crate::session::Session;
use crate::session::config::Config;
use crate::session::state::{Loaded, SessionState};

/// The session of the request that is currently inside the layer.
#[derive(Default)]
pub(crate) enum LazySession {
    /// The request is not inside a session layer.
    #[default]
    Outside,
    /// The request has no record, as most do, and its session has not been used yet.
    Unasked(Arc<Config>),
    Made(Session),
}

/// The session of a request, as loaded.
pub(in crate::session) struct Opened {
    /// The authentication state that the session establishes.
    pub(in crate::session) state: AuthState,
    pub(in crate::session) slot: LazySession,
    /// The live session, and whether its store must record this use.
    pub(in crate::session) live: Option<(RecordId, bool)>,
}

impl Opened {
    /// Writes the loaded state directly into its final place, because it is large to move.
    #[inline(always)]
    pub(in crate::session) fn new(
        config: &Arc<Config>,
        context: &Arc<Context>,
        loaded: Loaded,
    ) -> Self {
        let live = match &loaded {
            Loaded::Live(live) => Some((live.credential.id, live.is_due)),
            _ => None,
        };
        Self { state: loaded.state(), slot: LazySession::new(config, context, loaded), live }
    }
}

#[cfg(feature = "csrf")]
impl Session {
    /// Returns the secret of the session that this request's changes start. A CSRF token of the
    /// same response must be bound to it.
    pub(crate) fn begun_secret(&self) -> Option<[u8; 16]> {
        self.0.lock().promise().map(Credential::secret)
    }
}

impl LazySession {
    #[inline(always)]
    fn new(config: &Arc<Config>, context: &Arc<Context>, loaded: Loaded) -> Self {
        match loaded {
            Loaded::Nothing => Self::Unasked(config.clone()),
            loaded => {
                Self::Made(Session(Arc::new(SessionState::new(config.clone(), context, loaded))))
            }
        }
    }

    /// Returns the session, and creates it if it was not used before.
    pub(in crate::session) fn get(&mut self, context: &Arc<Context>) -> Option<Session> {
        if let Self::Unasked(config) = self {
            let cell = SessionState::new(config.clone(), context, Loaded::Nothing);
            *self = Self::Made(Session(Arc::new(cell)));
        }
        match self {
            Self::Made(session) => Some(session.clone()),
            Self::Outside | Self::Unasked(_) => None,
        }
    }

    /// Returns the session, if it was used.
    pub(crate) fn made(&self) -> Option<Session> {
        match self {
            Self::Made(session) => Some(session.clone()),
            Self::Outside | Self::Unasked(_) => None,
        }
    }

    /// Takes the session out of the slot, if it was used. From now on the slot returns no session.
    pub(in crate::session) fn take(&mut self) -> Option<Session> {
        match std::mem::take(self) {
            Self::Made(session) => Some(session),
            Self::Outside | Self::Unasked(_) => None,
        }
    }
}
