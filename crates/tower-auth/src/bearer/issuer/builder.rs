//! What an issuer is built from.

use std::sync::Arc;
use std::time::Duration;

use super::signer::Signer;
use super::{ConfigError, Inner, JwtIssuer, SigningKey, jwks};
use crate::Settings;
use crate::bearer::{Algorithm, Backend};

/// Gathers a [`JwtIssuer`]'s settings; [`build`](Self::build) checks them together.
#[must_use]
pub struct Builder {
    issuer: String,
    audience: String,
    client_id: Option<String>,
    lifetime: Duration,
    settings: Settings,
    backend: Backend,
    keys: Vec<(String, SigningKey)>,
}

impl Builder {
    pub(super) fn new(issuer: String, audience: String) -> Self {
        Self {
            issuer,
            audience,
            client_id: None,
            lifetime: Duration::from_secs(5 * 60),
            settings: Settings::new(),
            backend: Backend::default(),
            keys: Vec::new(),
        }
    }

    /// Adds a key by its name. The key that is added first signs, and is to be the newest; all are
    /// published and accepted. To rotate: add the new key second, deploy, put it first, and take
    /// the old one out after the tokens' lifetime.
    pub fn signing_key(mut self, kid: impl Into<String>, key: impl Into<SigningKey>) -> Self {
        self.keys.push((kid.into(), key.into()));
        self
    }

    /// Adds a private key in PEM; the same as a [`SigningKey::from_pem`].
    pub fn signing_pem(
        self,
        kid: impl Into<String>,
        algorithm: Algorithm,
        pem: impl AsRef<[u8]>,
    ) -> Self {
        self.signing_key(kid, SigningKey::from_pem(algorithm, pem))
    }

    /// Adds a new ES256 key that is gone with the process: for tests, and where a restart may end
    /// every token. Two processes with generated keys do not accept each other's tokens.
    pub fn generated_key(self, kid: impl Into<String>) -> Self {
        self.signing_key(kid, SigningKey::generated())
    }

    /// The library that signs, and that checks in a [layer](JwtIssuer::layer) of this issuer;
    /// [`Backend::default`] by default.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// The client that the tokens are given to (`client_id`).
    ///
    /// RFC 9068 requires one: with it tokens say `at+jwt`, and pass
    /// [`Profile::Rfc9068`](crate::bearer::Profile::Rfc9068). Without it they say `JWT`, and a
    /// [layer](JwtIssuer::layer) with that profile is not built.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// For how long a token is valid; 5 minutes by default, a day at most. It cannot be called
    /// back, so keep it short and refresh.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Takes the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    ///
    /// Tokens are dated by their clock, and a [layer](JwtIssuer::layer) of this issuer starts with
    /// them. If they name an [issuer](Settings::issuer), it must be this one.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// The issuer. Each key has signed something and verified it by then.
    ///
    /// # Errors
    /// What [`ConfigError`] says; the message names the setter and what to do.
    pub fn build(self) -> Result<JwtIssuer, ConfigError> {
        if self.issuer.is_empty() {
            return Err(ConfigError::Issuer);
        }
        if let Some(application) = self.settings.issuer.as_deref().filter(|it| *it != self.issuer) {
            let (issuer, application) = (self.issuer, application.to_owned());
            return Err(ConfigError::OtherIssuer { issuer, application });
        }
        if self.audience.is_empty() {
            return Err(ConfigError::Audience);
        }
        if self.client_id.as_ref().is_some_and(String::is_empty) {
            return Err(ConfigError::ClientId);
        }
        let day = Duration::from_secs(24 * 60 * 60);
        if self.lifetime < Duration::from_secs(1) || self.lifetime > day {
            return Err(ConfigError::Lifetime(self.lifetime));
        }
        if self.keys.is_empty() {
            return Err(ConfigError::NoKeys);
        }
        // RFC 9068, 2.2 requires the client; all else that it requires is in every token.
        let typ = if self.client_id.is_some() { "at+jwt" } else { "JWT" };
        let mut signers: Vec<Signer> = Vec::with_capacity(self.keys.len());
        for (kid, key) in self.keys {
            if kid.is_empty() || kid.len() > 256 {
                return Err(ConfigError::Kid);
            }
            if signers.iter().any(|other| other.kid() == kid) {
                return Err(ConfigError::DuplicateKid(kid));
            }
            let signer = Signer::new(kid.clone(), typ, key, self.backend);
            signers.push(signer.map_err(|fault| ConfigError::Key { kid, fault })?);
        }
        Ok(JwtIssuer(Arc::new(Inner {
            jwks: jwks::document(&signers),
            issuer: self.issuer,
            audience: self.audience,
            client_id: self.client_id,
            lifetime: self.lifetime,
            settings: self.settings,
            signers,
        })))
    }
}

tower_auth_core::opaque_debug!(Builder, "issuer::Builder");
