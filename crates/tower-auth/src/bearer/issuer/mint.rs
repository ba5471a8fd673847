//! Minting of a token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use tower_auth_core::{Actor, Identity, Principal};

use super::{AccessToken, JwtIssuer, MintError};
use crate::scope_token::is_scope_token;

impl JwtIssuer {
    /// Mints a token for this identity.
    ///
    /// The token holds the identity's subject, scopes, roles, `acr`, `amr` and actors (`act`), and
    /// the time of authentication (`auth_time`). Its `client_id` is the identity's, otherwise the
    /// subject for a [client](Identity::is_client), and the
    /// [builder's](super::JwtIssuerBuilder::client_id) for a user. It does not hold the
    /// application's own claims.
    ///
    /// # Errors
    /// Returns a [`MintError`] if the identity belongs to another issuer, has no subject or an
    /// invalid scope, or if its subject and its client would name another principal.
    ///
    /// ```
    /// # use tower_auth::bearer::JwtIssuer;
    /// use tower_auth::{Identity, Principal};
    ///
    /// let issuer = JwtIssuer::builder("https://id.example", "https://api.example")
    ///     .generated_key("1")
    ///     .build()?;
    /// assert!(issuer.mint(&Identity::local("alice").build()).is_ok());
    /// let stranger = Identity::builder(Principal::new("https://other.example", "alice")).build();
    /// assert!(issuer.mint(&stranger).is_err());
    /// # Ok::<_, tower_auth::bearer::issuer::IssuerConfigError>(())
    /// ```
    pub fn mint(&self, identity: &Identity) -> Result<AccessToken, MintError> {
        let inner = &*self.0;
        let claims = self.claims(identity)?;
        // The builder ensures that there is a signer.
        let signer = inner.signers.first().ok_or(MintError::Sign)?;
        let text = signer.token(&Value::Object(claims).to_string()).ok_or(MintError::Sign)?;
        Ok(AccessToken { text, expires_in: inner.lifetime })
    }

    fn claims(&self, identity: &Identity) -> Result<Map<String, Value>, MintError> {
        let inner = &*self.0;
        if identity.issuer() != inner.issuer && identity.issuer() != Principal::LOCAL_ISSUER {
            return Err(MintError::ForeignIssuer);
        }
        if identity.subject().is_empty() {
            return Err(MintError::NoSubject);
        }
        let now = inner.settings.clock.now();
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.into(), value);
        put("iss", inner.issuer.as_str().into());
        put("aud", inner.audience.as_str().into());
        put("sub", identity.subject().into());
        put("iat", now.as_unix_seconds().into());
        put("exp", (now + inner.lifetime).as_unix_seconds().into());
        put("jti", URL_SAFE_NO_PAD.encode(crate::crypto::keys::random::<16>()).into());
        // Readers tell a client's own token by its subject, which is its client id.
        let default = if identity.is_client() {
            Some(identity.subject())
        } else {
            inner.client_id.as_deref()
        };
        let client_id = identity.client_id().or(default);
        if identity.is_client() != (client_id == Some(identity.subject())) {
            return Err(MintError::Client);
        }
        if let Some(client_id) = client_id {
            put("client_id", client_id.into());
        }
        if let Some(act) = act(identity.actors().collect()) {
            put("act", act);
        }
        let scopes: Vec<&str> = identity.scopes().collect();
        if !scopes.iter().all(|scope| is_scope_token(scope)) {
            return Err(MintError::Scope);
        }
        if !scopes.is_empty() {
            put("scope", scopes.join(" ").into());
        }
        let roles: Vec<&str> = identity.roles().collect();
        if !roles.is_empty() {
            put("roles", roles.into());
        }
        if let Some(at) = identity.authenticated_at() {
            put("auth_time", at.as_unix_seconds().into());
        }
        if let Some(acr) = identity.acr() {
            put("acr", acr.into());
        }
        let amr: Vec<&str> = identity.amr().collect();
        if !amr.is_empty() {
            put("amr", amr.into());
        }
        Ok(claims)
    }
}

/// Returns the claim `act`: the current actor, which contains the prior ones (RFC 8693, 4.1).
fn act(actors: Vec<Actor<'_>>) -> Option<Value> {
    actors.into_iter().rev().fold(None, |prior, actor| {
        let mut claims = Map::from_iter([("sub".into(), actor.subject.into())]);
        claims.extend(actor.issuer.map(|issuer| ("iss".into(), issuer.into())));
        claims.extend(prior.map(|prior| ("act".into(), prior)));
        Some(Value::Object(claims))
    })
}
