//! The layer and its builder.

use std::sync::Arc;

use tower_layer::Layer;

use super::error::RefreshConfigError;
use super::handle::Refresh;
use crate::service::AuthService;

/// Serves the two endpoints under their paths, and passes all other requests on.
///
/// See the [module documentation](super) for the guarantees.
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

/// The middleware of [`RefreshLayer`].
pub type RefreshService<S> = AuthService<S, RefreshLayer>;

impl RefreshLayer {
    /// Creates a layer that serves `/auth/refresh` and `/auth/revoke`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tower_auth::refresh::{AccessToken, Refresh, RefreshLayer};
    /// # use tower_auth::{Clock, Identity, KeyRing, MemoryStore};
    /// # let mint = |_: &Identity| Ok(AccessToken { text: "…".into(), expires_in: Duration::ZERO });
    /// # let store = MemoryStore::new(Clock::system());
    /// let refresh = Refresh::builder(store, &KeyRing::random(), mint).build()?;
    /// let app: axum::Router = axum::Router::new().layer(RefreshLayer::new(refresh));
    /// # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
    /// ```
    pub fn new(refresh: Refresh) -> Self {
        Self { refresh, paths: Arc::default(), allow_caching: false }
    }

    /// Returns a builder for a layer with other settings.
    pub fn builder(refresh: Refresh) -> RefreshLayerBuilder {
        RefreshLayerBuilder { refresh, paths: Paths::default(), allow_caching: false }
    }
}

impl<S> Layer<S> for RefreshLayer {
    type Service = RefreshService<S>;

    fn layer(&self, inner: S) -> RefreshService<S> {
        RefreshService::new(inner, Arc::new(self.clone()))
    }
}

/// Builds a [`RefreshLayer`]; [`build`](Self::build) checks all settings together.
#[must_use = "a builder does nothing until it is built"]
pub struct RefreshLayerBuilder {
    refresh: Refresh,
    paths: Paths,
    allow_caching: bool,
}

impl RefreshLayerBuilder {
    #[cfg(feature = "stack")]
    pub(crate) const fn engine(&self) -> &Refresh {
        &self.refresh
    }

    #[cfg(feature = "stack")]
    pub(crate) fn served(&self) -> [&str; 2] {
        [&self.paths.refresh, &self.paths.revoke]
    }

    /// Sets the path of the refresh endpoint. `/auth/refresh` by default. The whole raw path is
    /// compared, with its case.
    pub fn refresh_path(mut self, path: impl Into<String>) -> Self {
        self.paths.refresh = path.into();
        self
    }

    /// Sets the path of the revocation endpoint. `/auth/revoke` by default.
    pub fn revoke_path(mut self, path: impl Into<String>) -> Self {
        self.paths.revoke = path.into();
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

    /// Builds the layer.
    ///
    /// # Errors
    /// Returns [`RefreshConfigError::Path`] for an invalid path, and [`RefreshConfigError::SamePath`] if both
    /// paths are equal.
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
    /// # Ok::<_, tower_auth::refresh::RefreshConfigError>(())
    /// ```
    pub fn build(self) -> Result<RefreshLayer, RefreshConfigError> {
        let Paths { refresh, revoke } = &self.paths;
        for (setter, path) in [("refresh_path", refresh), ("revoke_path", revoke)] {
            if let Some(fix) = crate::csrf::path_fault(path) {
                return Err(RefreshConfigError::Path { setter, path: path.clone(), fix });
            }
        }
        if refresh == revoke {
            return Err(RefreshConfigError::SamePath { path: refresh.clone() });
        }
        let Self { refresh, paths, allow_caching } = self;
        Ok(RefreshLayer { refresh, paths: Arc::new(paths), allow_caching })
    }
}

tower_auth_core::opaque_debug!(RefreshLayer, "RefreshLayer");
tower_auth_core::opaque_debug!(RefreshLayerBuilder, "RefreshLayerBuilder");
