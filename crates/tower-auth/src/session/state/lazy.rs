//! A request's session, created when the handler first uses it.

use std::sync::Arc;

use tower_auth_core::AuthState;
use tower_auth_core::store::Handle;

#[cfg(feature = "csrf")]
use crate::crypto::credential::Credential;
use crate::request::Context;
use crate::session::Session;
use crate::session::config::Config;
use crate::session::state::{Base, Cell};

/// The session of the request that is currently inside the layer.
#[derive(Default)]
pub(crate) enum Slot {
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
    pub(in crate::session) slot: Slot,
    /// The live session, and whether its store must record this use.
    pub(in crate::session) live: Option<(Handle, bool)>,
}

impl Opened {
    /// Writes the loaded state directly into its final place, because it is large to move.
    #[inline(always)]
    pub(in crate::session) fn new(
        config: &Arc<Config>,
        context: &Arc<Context>,
        base: Base,
    ) -> Self {
        let live = match &base {
            Base::Live(live) => Some((live.credential.handle, live.is_due)),
            _ => None,
        };
        Self { state: base.state(), slot: Slot::new(config, context, base), live }
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

impl Slot {
    #[inline(always)]
    fn new(config: &Arc<Config>, context: &Arc<Context>, base: Base) -> Self {
        match base {
            Base::Nothing => Self::Unasked(config.clone()),
            base => Self::Made(Session(Arc::new(Cell::new(config.clone(), context, base)))),
        }
    }

    /// Returns the session, and creates it if it was not used before.
    pub(in crate::session) fn get(&mut self, context: &Arc<Context>) -> Option<Session> {
        if let Self::Unasked(config) = self {
            let cell = Cell::new(config.clone(), context, Base::Nothing);
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
