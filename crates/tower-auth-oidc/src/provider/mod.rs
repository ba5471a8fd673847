//! A provider, and the task that fetches its keys.

mod builder;
mod config;
mod location;
mod source;
mod status;
mod task;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use tower_auth::bearer::{LiveKeys, TrustedIssuer};

pub use builder::ProviderBuilder;
pub use status::ProviderStatus;

use crate::discovery::ProviderMetadata;
use status::Progress;

/// An OpenID Connect or OAuth provider whose tokens an application accepts. A clone is the same
/// provider.
///
/// One task per provider fetches the keys. It ends when the last clone of the provider, of its
/// [`keys`](Self::keys), and the last layer with an [`issuer`](Self::issuer) of it are gone.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use tower_auth::BearerJwtLayer;
/// use tower_auth_oidc::Provider;
///
/// let provider = Provider::discover("https://id.example").await?;
/// let layer = BearerJwtLayer::any([provider.issuer("https://api.example")]).build()?;
/// # let _ = layer; Ok(()) }
/// ```
///
/// A provider with other settings:
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use tower_auth::bearer::Algorithm;
/// use tower_auth_oidc::Provider;
///
/// let provider = Provider::discover("https://id.example/realms/main")
///     .algorithms([Algorithm::ES256])
///     .stale_for(Duration::from_secs(4 * 3600))
///     .timeout(Duration::from_secs(3))
///     .await?;
/// # let _ = provider; Ok(()) }
/// ```
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    issuer: String,
    keys: LiveKeys,
    progress: Arc<Progress>,
}

impl Provider {
    /// Returns the issuer with this provider's keys, for tokens with this `audience`. Add rules to
    /// it as to any [`TrustedIssuer`].
    ///
    /// An issuer with a placeholder in braces is a [template](TrustedIssuer::template) of many
    /// tenants: add the tenants.
    pub fn issuer(&self, audience: impl Into<String>) -> TrustedIssuer {
        let issuer = self.0.issuer.as_str();
        let trusted = match config::is_template(issuer) {
            true => TrustedIssuer::template(issuer, audience),
            false => TrustedIssuer::new(issuer, audience),
        };
        trusted.live_keys(&self.0.keys)
    }

    /// Returns the provider's keys. The provider's task replaces them, so do not replace them
    /// yourself.
    #[must_use]
    pub fn keys(&self) -> LiveKeys {
        self.0.keys.clone()
    }

    /// Returns the state of the keys, for health checks.
    #[must_use]
    pub fn status(&self) -> ProviderStatus {
        self.0.progress.status(&self.0.keys)
    }

    /// Returns the discovery document that was fetched last. `None` before the first one, and for
    /// a provider of [`jwks`](Self::jwks).
    #[must_use]
    pub fn metadata(&self) -> Option<Arc<ProviderMetadata>> {
        self.0.progress.metadata()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.0.issuer)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
