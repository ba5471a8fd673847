//! Makes the tokens that a [`BearerJwtLayer`] accepts.

mod access_token;
mod builder;
mod error;
mod jwks;
mod mint;
mod signer;
mod signing_key;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::{BearerJwtLayer, Key};
use crate::Settings;
pub use access_token::AccessToken;
pub use builder::Builder;
pub use error::{ConfigError, MintError};
pub use jwks::JwksService;
use signer::Signer;
pub use signing_key::SigningKey;

use std::time::Duration;

/// Mints access tokens (RFC 9068, with a [`client_id`](Builder::client_id)), and publishes the keys to check them with.
///
/// A clone is the same issuer. It has no setting that a token could be minted with and not be
/// accepted: [`layer`](Self::layer) starts a layer with the same names and keys.
///
/// ```
/// use tower_auth::bearer::{Algorithm, JwtIssuer};
/// use tower_auth::Identity;
///
/// let issuer = JwtIssuer::builder("https://id.example", "https://api.example")
///     .generated_key("2026-01")
///     .build()?;
/// let alice = Identity::local("alice").scope("reports:read").build();
/// let token = issuer.mint(&alice)?;
/// assert_eq!(token.expires_in.as_secs(), 300);
///
/// // In the services that take the tokens:
/// let layer = issuer.layer().build()?;
/// // And in a process of its own, from what this one publishes:
/// let layer = tower_auth::BearerJwtLayer::builder("https://id.example", "https://api.example")
///     .algorithms([Algorithm::ES256])
///     .jwk_set(issuer.jwks())
///     .build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct JwtIssuer(Arc<Inner>);

struct Inner {
    issuer: String,
    audience: String,
    client_id: Option<String>,
    lifetime: Duration,
    settings: Settings,
    /// The newest first; never empty.
    signers: Vec<Signer>,
    jwks: Bytes,
}

impl JwtIssuer {
    /// Starts an issuer of this name, whose tokens are for this audience. A key must be added.
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> Builder {
        Builder::new(issuer.into(), audience.into())
    }

    /// Its name: what `iss` says.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.issuer
    }

    /// Its tokens' audience: what `aud` says.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.0.audience
    }

    /// Starts a layer that accepts what this issuer mints: same names, keys, algorithms and
    /// [settings](crate::Settings).
    pub fn layer(&self) -> super::Builder {
        let mut layer =
            BearerJwtLayer::builder(&*self.0.issuer, &*self.0.audience).settings(&self.0.settings);
        if self.0.client_id.is_none() {
            layer = layer.without_client();
        }
        for signer in &self.0.signers {
            layer = layer
                .algorithms([signer.algorithm()])
                .key(Key::ready(signer.verifier()).kid(signer.kid()));
        }
        layer
    }

    /// The public keys as a JWK set. Shared secrets are not in it.
    #[must_use]
    pub fn jwks(&self) -> &str {
        // Written as text when it was built.
        std::str::from_utf8(&self.0.jwks).unwrap_or_default()
    }

    /// A service that answers GET and HEAD with the JWK set, to be mounted at
    /// `/.well-known/jwks.json`.
    pub fn jwks_service(&self) -> JwksService {
        JwksService::new(self.0.jwks.clone())
    }
}

impl fmt::Debug for JwtIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtIssuer").field("issuer", &self.0.issuer).finish_non_exhaustive()
    }
}
