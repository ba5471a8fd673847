use std::sync::Arc;

use tower_auth_core::refuse::Empty;
use tower_layer::Layer;

use super::config::Config;
use crate::Settings;
use crate::service::AuthService;

/// Gives every request a [`Cookies`](super::Cookies) handle.
///
/// See the [module documentation](super) for the guarantees. `R` writes the only refusal: a 500 if
/// the layer is nested in itself.
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct CookieLayer<R = Empty> {
    pub(super) config: Arc<Config>,
    pub(super) refuse: R,
}

/// The middleware of [`CookieLayer`].
pub type CookieService<S, R = Empty> = AuthService<S, CookieLayer<R>>;

impl CookieLayer {
    /// Creates a layer for plain and encoded cookies, all of them `Secure`. This configuration is
    /// always valid.
    pub fn new() -> Self {
        Self::from_parts(Arc::new(Config::new(None, Settings::new())), Empty)
    }
}

impl<R> CookieLayer<R> {
    pub(super) const fn from_parts(config: Arc<Config>, refuse: R) -> Self {
        Self { config, refuse }
    }

    #[cfg(test)]
    pub(super) const fn config(&self) -> &Arc<Config> {
        &self.config
    }
}

impl Default for CookieLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, R: Clone> Layer<S> for CookieLayer<R> {
    type Service = CookieService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        CookieService::new(inner, Arc::new(self.clone()))
    }
}

tower_auth_core::opaque_debug!([R] CookieLayer<R>, "CookieLayer");
