//! An issuer of the tokens that a [`BearerJwtLayer`](super::BearerJwtLayer) accepts.

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

use super::{Key, TrustedIssuer};
use crate::Settings;
pub use access_token::AccessToken;
pub use builder::JwtIssuerBuilder;
pub use error::{IssuerConfigError, MintError};
pub use jwks::JwksService;
use signer::Signer;
pub use signing_key::SigningKey;

use std::time::Duration;

/// Mints access tokens, and publishes the keys to verify them.
///
/// With a [`client_id`](JwtIssuerBuilder::client_id) the tokens follow RFC 9068.
///
/// Clones share the same issuer. No setting leads to tokens that are not accepted:
/// [`layer`](Self::layer) starts a layer with the same names and keys.
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
/// // In the services that accept the tokens:
/// let layer = issuer.layer().build()?;
/// // In another process, from the published keys:
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
    /// The signing keys, newest first. Never empty.
    signers: Vec<Signer>,
    jwks: Bytes,
}

impl JwtIssuer {
    /// Returns a builder for an issuer named `issuer`, whose tokens are for `audience`. A key must
    /// be added.
    pub fn builder(issuer: impl Into<String>, audience: impl Into<String>) -> JwtIssuerBuilder {
        JwtIssuerBuilder::new(issuer.into(), audience.into())
    }

    /// Returns the issuer's name, the value of `iss`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.issuer
    }

    /// Returns the audience of the tokens, the value of `aud`.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.0.audience
    }

    /// Returns a builder for a layer that accepts this issuer's tokens. The layer has the same
    /// names, keys, algorithms and [settings](crate::Settings).
    pub fn layer(&self) -> super::BearerJwtLayerBuilder {
        super::BearerJwtLayerBuilder::of_issuer(self.trusted()).settings(&self.0.settings)
    }

    /// Returns this issuer as one of several whose tokens a layer accepts
    /// ([`BearerJwtLayer::any`](super::BearerJwtLayer::any)).
    pub fn trusted(&self) -> TrustedIssuer {
        let mut issuer = TrustedIssuer::new(&*self.0.issuer, &*self.0.audience);
        #[cfg(feature = "stack")]
        {
            issuer = issuer.owned(&self.0.settings);
        }
        if self.0.client_id.is_none() {
            issuer = issuer.without_client();
        }
        for signer in &self.0.signers {
            issuer = issuer
                .algorithms([signer.algorithm()])
                .key(Key::ready(signer.verifier()).kid(signer.kid()));
        }
        issuer
    }

    /// Returns the public keys as a JWK set. The set does not contain shared secrets.
    #[must_use]
    pub fn jwks(&self) -> &str {
        // The builder wrote valid UTF-8.
        std::str::from_utf8(&self.0.jwks).unwrap_or_default()
    }

    /// Returns a service that answers GET and HEAD with the JWK set. Mount it at
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
