//! Where a request's session lies until somebody asks for it.

use std::sync::Arc;

use tower_auth_core::AuthState;
use tower_auth_core::store::Handle;

#[cfg(feature = "csrf")]
use crate::crypto::credential::Credential;
use crate::request::Context;
use crate::session::Session;
use crate::session::config::Config;
use crate::session::state::{Base, Cell};

/// The session of the request that is inside the layer just now.
#[derive(Default)]
pub(crate) enum Slot {
    /// No layer is at work.
    #[default]
    Outside,
    /// The request speaks for no record, as most do, and nobody has asked for its session yet.
    Unasked(Arc<Config>),
    Made(Session),
}

/// What a request may know of its session.
pub(in crate::session) struct Opened {
    /// The authentication state that the session establishes.
    pub(in crate::session) state: AuthState,
    pub(in crate::session) slot: Slot,
    /// The live session, and whether its store must hear of this use.
    pub(in crate::session) live: Option<(Handle, bool)>,
}

impl Opened {
    /// Puts what is known into its place at once: it is large to hand on.
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
    /// The secret of the session that this request's changes begin, which a CSRF token of this very
    /// response has to be bound to.
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

    /// The session, which is made now if it was not asked for before.
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

    /// The session, if it was asked for.
    pub(crate) fn made(&self) -> Option<Session> {
        match self {
            Self::Made(session) => Some(session.clone()),
            Self::Outside | Self::Unasked(_) => None,
        }
    }

    /// Takes the session out, if anybody had asked for it: nobody gets it from here any more.
    pub(in crate::session) fn take(&mut self) -> Option<Session> {
        match std::mem::take(self) {
            Self::Made(session) => Some(session),
            Self::Outside | Self::Unasked(_) => None,
        }
    }
}
