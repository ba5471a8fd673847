//! The builder of the issuer.

use std::sync::Arc;
use std::time::Duration;

use super::signer::Signer;
use super::{Inner, IssuerConfigError, JwtIssuer, SigningKey, jwks};
use crate::Settings;
use crate::bearer::{Algorithm, Backend};

/// Collects the settings of a [`JwtIssuer`]; [`build`](Self::build) checks them together.
#[must_use]
pub struct JwtIssuerBuilder {
    issuer: String,
    audience: String,
    client_id: Option<String>,
    lifetime: Duration,
    settings: Settings,
    backend: Backend,
    keys: Vec<(String, SigningKey)>,
}

impl JwtIssuerBuilder {
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

    /// Adds a key, named `kid`.
    ///
    /// The key added first signs, and should be the newest. The issuer publishes and accepts all
    /// keys. To rotate keys, add the new key in second place and deploy. Then put it first, and
    /// remove the old key after the tokens' lifetime.
    ///
    /// ```
    /// use tower_auth::bearer::{Algorithm, JwtIssuer, SigningKey};
    ///
    /// let issuer = JwtIssuer::builder("https://id.example", "https://api.example")
    ///     .signing_key("2026-02", SigningKey::from_secret(Algorithm::HS256, [8; 32]))
    ///     .signing_key("2026-01", SigningKey::from_secret(Algorithm::HS256, [7; 32]))
    ///     .build()?;
    /// # Ok::<_, tower_auth::bearer::issuer::IssuerConfigError>(())
    /// ```
    pub fn signing_key(mut self, kid: impl Into<String>, key: impl Into<SigningKey>) -> Self {
        self.keys.push((kid.into(), key.into()));
        self
    }

    /// Adds a private key in PEM, like [`SigningKey::from_pem`].
    pub fn signing_pem(
        self,
        kid: impl Into<String>,
        algorithm: Algorithm,
        pem: impl AsRef<[u8]>,
    ) -> Self {
        self.signing_key(kid, SigningKey::from_pem(algorithm, pem))
    }

    /// Adds a new ES256 key that exists only in this process.
    ///
    /// Use it in tests, or if a restart may invalidate every token. Two processes with generated
    /// keys do not accept each other's tokens.
    pub fn generated_key(self, kid: impl Into<String>) -> Self {
        self.signing_key(kid, SigningKey::generated())
    }

    /// Sets the library that signs, and that verifies in a [layer](JwtIssuer::layer) of this
    /// issuer. Default: [`Backend::default`].
    pub fn backend(mut self, backend: Backend) -> Self {
        self.backend = backend;
        self
    }

    /// Sets the client that receives the tokens (`client_id`), unless the identity
    /// [names one](tower_auth_core::Identity::client_id).
    ///
    /// RFC 9068 requires a client. With one, `typ` is `at+jwt`, and the tokens pass
    /// [`Profile::Rfc9068`](crate::bearer::Profile::Rfc9068). Without one, `typ` is `JWT`, and
    /// building a [layer](JwtIssuer::layer) with that profile fails.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Sets the lifetime of tokens. Default: 5 minutes; at least 1 second and at most one day.
    ///
    /// A token cannot be revoked, so keep its lifetime short and refresh it.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Sets the settings that all layers share; a later call replaces an earlier one. Default:
    /// [`Settings::new`].
    ///
    /// Their clock dates the tokens, and a [layer](JwtIssuer::layer) of this issuer starts with the
    /// same settings. If the settings name an [issuer](Settings::issuer), it must be this one.
    pub fn settings(mut self, settings: &Settings) -> Self {
        self.settings = settings.clone();
        self
    }

    /// Checks the settings and builds the issuer. Each key signs a test message and verifies it.
    ///
    /// # Errors
    /// Returns an [`IssuerConfigError`] for a setting that is invalid. The message names the setter and
    /// the fix.
    pub fn build(self) -> Result<JwtIssuer, IssuerConfigError> {
        if self.issuer.is_empty() {
            return Err(IssuerConfigError::Issuer);
        }
        if let Some(application) = self.settings.issuer.as_deref().filter(|it| *it != self.issuer) {
            let (issuer, application) = (self.issuer, application.to_owned());
            return Err(IssuerConfigError::OtherIssuer { issuer, application });
        }
        if self.audience.is_empty() {
            return Err(IssuerConfigError::Audience);
        }
        if self.client_id.as_ref().is_some_and(String::is_empty) {
            return Err(IssuerConfigError::ClientId);
        }
        let day = Duration::from_secs(24 * 60 * 60);
        if self.lifetime < Duration::from_secs(1) || self.lifetime > day {
            return Err(IssuerConfigError::Lifetime(self.lifetime));
        }
        if self.keys.is_empty() {
            return Err(IssuerConfigError::NoKeys);
        }
        // RFC 9068, 2.2 requires the client. Every token has the other claims that it requires.
        let typ = if self.client_id.is_some() { "at+jwt" } else { "JWT" };
        let mut signers: Vec<Signer> = Vec::with_capacity(self.keys.len());
        for (kid, key) in self.keys {
            if kid.is_empty() || kid.len() > 256 {
                return Err(IssuerConfigError::Kid);
            }
            if signers.iter().any(|other| other.kid() == kid) {
                return Err(IssuerConfigError::DuplicateKid(kid));
            }
            let signer = Signer::new(kid.clone(), typ, key, self.backend);
            signers.push(signer.map_err(|fault| IssuerConfigError::Key { kid, fault })?);
        }
        Ok(JwtIssuer(Arc::new(Inner {
            jwks: jwks::jwk_set(&signers),
            issuer: self.issuer,
            audience: self.audience,
            client_id: self.client_id,
            lifetime: self.lifetime,
            settings: self.settings,
            signers,
        })))
    }
}

tower_auth_core::opaque_debug!(JwtIssuerBuilder, "JwtIssuerBuilder");
