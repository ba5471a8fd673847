//! The layer and how it is built.

use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

use super::{ConfigError, Refresh, RefreshService};

/// Serves the two endpoints by itself, each under its path, and passes everything else on.
///
/// See the [module documentation](super) for what it promises.
#[derive(Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct RefreshLayer {
    pub(super) refresh: Refresh,
    pub(super) paths: Arc<Paths>,
    pub(super) allow_caching: bool,
}

#[derive(Clone)]
pub(super) struct Paths {
    pub(super) refresh: String,
    pub(super) revoke: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self { refresh: "/auth/refresh".into(), revoke: "/auth/revoke".into() }
    }
}

impl RefreshLayer {
    /// Under `/auth/refresh` and `/auth/revoke`.
    pub fn new(refresh: Refresh) -> Self {
        Self { refresh, paths: Arc::default(), allow_caching: false }
    }

    /// Starts a layer with paths of its own.
    pub fn builder(refresh: Refresh) -> LayerBuilder {
        LayerBuilder { refresh, paths: Paths::default(), allow_caching: false }
    }
}

impl<S> Layer<S> for RefreshLayer {
    type Service = RefreshService<S>;

    fn layer(&self, inner: S) -> RefreshService<S> {
        RefreshService::new(inner, Arc::new(self.clone()))
    }
}

/// Gathers a [`RefreshLayer`]'s settings; [`build`](Self::build) checks them together.
#[must_use = "a builder does nothing until it is built"]
pub struct LayerBuilder {
    refresh: Refresh,
    paths: Paths,
    allow_caching: bool,
}

impl LayerBuilder {
    #[cfg(feature = "stack")]
    pub(crate) const fn engine(&self) -> &Refresh {
        &self.refresh
    }

    #[cfg(feature = "stack")]
    pub(crate) fn served(&self) -> [&str; 2] {
        [&self.paths.refresh, &self.paths.revoke]
    }

    /// Where tokens are exchanged; `/auth/refresh` by default. The raw path is compared whole and
    /// with its case.
    pub fn refresh_path(mut self, path: impl Into<String>) -> Self {
        self.paths.refresh = path.into();
        self
    }

    /// Where tokens are revoked; `/auth/revoke` by default.
    pub fn revoke_path(mut self, path: impl Into<String>) -> Self {
        self.paths.revoke = path.into();
        self
    }

    /// Leaves a response that needed an identity to what its handler says of caching. Default: where
    /// the handler says nothing, such a response gets `Cache-Control: no-store`, so that no cache
    /// keeps it and the browser does not show it again after a logout; see
    /// [`manual::attacks`](crate::manual::attacks). The outermost of tower-auth's layers decides.
    pub fn insecure_without_no_store(mut self) -> Self {
        self.allow_caching = true;
        self
    }

    /// The layer.
    ///
    /// # Errors
    /// [`ConfigError::Path`] and [`ConfigError::SamePath`].
    ///
    /// ```
    /// # use tower_auth::refresh::{AccessToken, Refresh, RefreshLayer};
    /// # use tower_auth::{Clock, Identity, KeyRing, MemoryStore};
    /// # let mint = |_: &Identity| Ok(AccessToken {
    /// #     text: String::new(),
    /// #     expires_in: std::time::Duration::from_secs(300),
    /// # });
    /// # let store = MemoryStore::new(Clock::system());
    /// # let refresh = Refresh::builder(store, &KeyRing::random(), mint).build()?;
    /// let wrong = RefreshLayer::builder(refresh).refresh_path("token").build();
    /// assert_eq!(wrong.unwrap_err().to_string(), r#"refresh_path("token"): begin with a slash"#);
    /// # Ok::<_, tower_auth::refresh::ConfigError>(())
    /// ```
    pub fn build(self) -> Result<RefreshLayer, ConfigError> {
        let Paths { refresh, revoke } = &self.paths;
        for (setter, path) in [("refresh_path", refresh), ("revoke_path", revoke)] {
            if let Some(fix) = crate::csrf::path_fault(path) {
                return Err(ConfigError::Path { setter, path: path.clone(), fix });
            }
        }
        if refresh == revoke {
            return Err(ConfigError::SamePath { path: refresh.clone() });
        }
        let Self { refresh, paths, allow_caching } = self;
        Ok(RefreshLayer { refresh, paths: Arc::new(paths), allow_caching })
    }
}

impl fmt::Debug for RefreshLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshLayer").finish_non_exhaustive()
    }
}

impl fmt::Debug for LayerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("refresh::LayerBuilder").finish_non_exhaustive()
    }
}
