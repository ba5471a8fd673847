//! The built stack.

use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

#[cfg(feature = "session")]
use super::error::StackConfigError;
#[cfg(feature = "session")]
use crate::session;

/// A stack of layers that was built in one expression. It is an ordinary [`Layer`].
///
/// See the [module documentation](super) for the guarantees.
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct AuthStack<L> {
    layer: L,
    names: Arc<[&'static str]>,
    #[cfg(feature = "session")]
    session: Option<Arc<session::Config>>,
}

impl<L> AuthStack<L> {
    pub(super) fn from_parts(layer: L, names: Vec<&'static str>) -> Self {
        Self {
            layer,
            names: names.into(),
            #[cfg(feature = "session")]
            session: None,
        }
    }

    #[cfg(feature = "session")]
    pub(super) fn with_session(self, session: Option<Arc<session::Config>>) -> Self {
        Self { session, ..self }
    }

    /// Returns access to the sessions of all users, to list and to end them.
    ///
    /// # Errors
    /// - [`NoSession`](StackConfigError::NoSession): the stack has no `.session(…)`.
    /// - [`Session`](StackConfigError::Session): the session's store does not list records by owner.
    ///
    /// ```
    /// # use tower_auth::{AuthStack, Clock, KeyRing, MemoryStore};
    /// # let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));
    /// let stack = AuthStack::new(&keys).cookies().csrf().session(store).build()?;
    /// let sessions = stack.sessions()?;
    /// # Ok::<_, tower_auth::stack::StackConfigError>(())
    /// ```
    #[cfg(feature = "session")]
    pub fn sessions(&self) -> Result<session::Sessions, StackConfigError> {
        let config = self.session.as_ref().ok_or(StackConfigError::NoSession)?;
        session::Sessions::of(config).map_err(StackConfigError::Session)
    }
}

impl<S, L: Layer<S>> Layer<S> for AuthStack<L> {
    type Service = L::Service;

    fn layer(&self, inner: S) -> L::Service {
        self.layer.layer(inner)
    }
}

/// Shows the names of the layers, the outermost first.
impl<L> fmt::Debug for AuthStack<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthStack ")?;
        f.debug_list().entries(&*self.names).finish()
    }
}
