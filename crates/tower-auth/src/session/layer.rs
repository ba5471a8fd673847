//! The session layer.

use std::sync::Arc;

use tower_auth_core::refuse;
use tower_layer::Layer;

use crate::service::AuthService;
use crate::session::config::Config;
use crate::session::error::SessionConfigError;
use crate::session::handles::Sessions;

/// Adds a [`Session`](crate::session::Session), and the [`Identity`](crate::Identity) that it
/// establishes, to each request.
///
/// See the [module docs](crate::session) for examples.
#[derive(Clone)]
#[must_use]
pub struct SessionLayer<R = refuse::Empty> {
    pub(super) config: Arc<Config>,
    pub(super) refuse: R,
}

/// The middleware of [`SessionLayer`].
pub type SessionService<S, R = refuse::Empty> = AuthService<S, SessionLayer<R>>;

impl<R> SessionLayer<R> {
    /// Returns a handle that lists and ends the sessions of all users.
    ///
    /// # Errors
    /// [`StoreCannotList`](SessionConfigError::StoreCannotList) if the store cannot list records by owner.
    ///
    /// ```
    /// # use tower_auth::{Clock, KeyRing, MemoryStore, SessionLayer};
    /// # let keys = KeyRing::random();
    /// let layer = SessionLayer::new(MemoryStore::new(Clock::system()), &keys);
    /// let sessions = layer.sessions()?;
    /// # Ok::<_, tower_auth::session::SessionConfigError>(())
    /// ```
    pub fn sessions(&self) -> Result<Sessions, SessionConfigError> {
        Sessions::of(&self.config)
    }

    #[cfg(feature = "stack")]
    pub(crate) const fn config(&self) -> &Arc<Config> {
        &self.config
    }

    pub(super) const fn from_parts(config: Arc<Config>, refuse: R) -> Self {
        Self { config, refuse }
    }
}

impl<S, R: Clone> Layer<S> for SessionLayer<R> {
    type Service = SessionService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(inner, Arc::new(self.clone()))
    }
}

tower_auth_core::opaque_debug!([R] SessionLayer<R>, "SessionLayer");
