use std::fmt;
use std::sync::Arc;

use tower_auth_core::refuse::Empty;

use super::config::Config;
use super::error::CookieConfigError;
use super::layer::CookieLayer;
use crate::{KeyRing, Settings};

/// Builds a [`CookieLayer`]; see [`CookieLayer::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct CookieLayerBuilder<R = Empty> {
    keys: Option<KeyRing>,
    keys_twice: bool,
    settings: Settings,
    allow_caching: bool,
    refuse: R,
}

impl CookieLayer {
    /// Returns a builder, for keys of signed and encrypted cookies or for other settings.
    ///
    /// ```
    /// use tower_auth::{CookieLayer, KeyRing};
    ///
    /// let layer = CookieLayer::builder().keys(&KeyRing::random()).build()?;
    /// # Ok::<_, tower_auth::cookie::CookieConfigError>(())
    /// ```
    pub fn builder() -> CookieLayerBuilder {
        CookieLayerBuilder::new()
    }
}

impl CookieLayerBuilder {
    fn new() -> Self {
        Self {
            keys: None,
            keys_twice: false,
            settings: Settings::new(),
            allow_caching: false,
            refuse: Empty,
        }
    }
}

impl<R> CookieLayerBuilder<R> {
    /// Sets the keys for [`Cookies::signed`](super::Cookies::signed) and
    /// [`Cookies::encrypted`](super::Cookies::encrypted). Without keys, both return
    /// [`NoKeys`](super::CookieError::NoKeys). There is no default, because a default key is either
    /// public or lost at every restart.
    pub fn keys(mut self, ring: &KeyRing) -> Self {
        self.keys_twice = self.keys.is_some();
        self.keys = Some(ring.clone());
        self
    }

    /// Leaves the caching of responses that used an identity to the handler.
    ///
    /// Default: if the handler does not set `Cache-Control`, such a response gets `no-store`. Then
    /// no cache keeps it, and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The setting of the outermost layer of
    /// tower-auth applies.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.allow_caching = true;
        self
    }

    /// Sets the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Sets the format of the layer's only refusal: a 500 if the layer is nested in itself, which
    /// is a misconfiguration. Default: status and headers, no body.
    pub fn refuse_with<T>(self, refuse: T) -> CookieLayerBuilder<T> {
        let Self { keys, keys_twice, settings, allow_caching, .. } = self;
        CookieLayerBuilder { keys, keys_twice, settings, allow_caching, refuse }
    }

    /// Builds the layer. Computes here, once, everything that depends on a key.
    ///
    /// # Errors
    /// Settings contradict each other. The message names the setter and the fix.
    pub fn build(self) -> Result<CookieLayer<R>, CookieConfigError> {
        if self.keys_twice {
            return Err(CookieConfigError::KeysTwice);
        }
        if let Some(keys) = &self.keys {
            keys.report(&self.settings.events);
        }
        let mut config = Config::new(self.keys.as_ref(), self.settings);
        config.allow_caching = self.allow_caching;
        Ok(CookieLayer::from_parts(Arc::new(config), self.refuse))
    }
}

#[cfg(feature = "stack")]
impl<R> CookieLayerBuilder<R> {
    /// Sets the keys of the stack, unless the layer already has its own.
    pub(crate) fn keys_by_default(mut self, ring: &KeyRing) -> Self {
        self.keys.get_or_insert_with(|| ring.clone());
        self
    }
}

impl<R> fmt::Debug for CookieLayerBuilder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieLayerBuilder")
            .field("plain_http", &self.settings.plain_http)
            .finish_non_exhaustive()
    }
}
