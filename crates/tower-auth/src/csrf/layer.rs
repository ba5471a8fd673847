use std::sync::Arc;

use tower_auth_core::refuse::Empty;
use tower_layer::Layer;

use super::config::Config;
use crate::KeyRing;
use crate::service::AuthService;

/// Refuses requests that another site made a browser send.
///
/// See the [module documentation](super) for the rules. `R` writes the refusals.
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct CsrfLayer<R = Empty> {
    pub(super) config: Arc<Config>,
    pub(super) refuse: R,
}

/// The middleware of [`CsrfLayer`].
pub type CsrfService<S, R = Empty> = AuthService<S, CsrfLayer<R>>;

impl CsrfLayer {
    /// Checks headers, compares `Origin` with the request's own host, and issues tokens without
    /// requiring them. This configuration is always valid.
    ///
    /// The ring has no default, because all instances of an application must share its keys and no
    /// other party may know them.
    pub fn new(ring: &KeyRing) -> Self {
        Self::from_parts(Arc::new(Config::new(ring, false)), Empty)
    }
}

impl<R> CsrfLayer<R> {
    pub(super) const fn from_parts(config: Arc<Config>, refuse: R) -> Self {
        Self { config, refuse }
    }

    #[cfg(test)]
    pub(super) const fn config(&self) -> &Arc<Config> {
        &self.config
    }
}

impl<S, R: Clone> Layer<S> for CsrfLayer<R> {
    type Service = CsrfService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        CsrfService::new(inner, Arc::new(self.clone()))
    }
}

tower_auth_core::opaque_debug!([R] CsrfLayer<R>, "CsrfLayer");
