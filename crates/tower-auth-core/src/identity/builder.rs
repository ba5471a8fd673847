//! The builder of [`Identity`].

use std::fmt;

use serde::Serialize;

use super::text::{self, Part, Text};
use super::{Actor, AuthMethod, Authentication, Identity, Principal};
use crate::{Timestamp, json};

/// Builds an [`Identity`]. [`Identity::local`] and [`Identity::builder`] create one.
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::{Identity, Principal};
///
/// let alice = Identity::builder(Principal::new("https://id.example", "alice"))
///     .scopes(["reports:read", "reports:write"])
///     .role("user")
///     .amr("pwd")
///     .build();
/// assert_eq!(alice.scopes().count(), 2);
/// ```
#[derive(Clone)]
#[must_use]
pub struct IdentityBuilder {
    authentication: Authentication,
    principal: Principal,
    acr: String,
    amr: String,
    scopes: String,
    roles: String,
    claims: String,
    client_id: String,
    actors: String,
}

impl IdentityBuilder {
    pub(super) fn new(principal: Principal) -> Self {
        Self {
            authentication: Authentication::by(AuthMethod::Custom),
            principal,
            acr: String::new(),
            amr: String::new(),
            scopes: String::new(),
            roles: String::new(),
            claims: String::new(),
            client_id: String::new(),
            actors: String::new(),
        }
    }

    pub(super) fn from_identity(identity: &Identity) -> Self {
        let text = &identity.0.text;
        Self {
            authentication: identity.authentication(),
            principal: identity.principal(),
            acr: text.get(Part::Acr).into(),
            amr: text.get(Part::Amr).into(),
            scopes: text.get(Part::Scopes).into(),
            roles: text.get(Part::Roles).into(),
            claims: text.get(Part::Claims).into(),
            client_id: text.get(Part::ClientId).into(),
            actors: text.get(Part::Actors).into(),
        }
    }

    /// Sets the party that vouches for the subject.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.principal.issuer = issuer.into();
        self
    }

    /// Adds a role.
    pub fn role(mut self, role: impl AsRef<str>) -> Self {
        text::push(&mut self.roles, role.as_ref());
        self
    }

    /// Adds several roles.
    pub fn roles<I: IntoIterator<Item: AsRef<str>>>(mut self, roles: I) -> Self {
        roles.into_iter().for_each(|role| text::push(&mut self.roles, role.as_ref()));
        self
    }

    /// Adds a scope as one token, which is not split at spaces.
    pub fn scope(mut self, scope: impl AsRef<str>) -> Self {
        text::push(&mut self.scopes, scope.as_ref());
        self
    }

    /// Adds several scopes.
    pub fn scopes<I: IntoIterator<Item: AsRef<str>>>(mut self, scopes: I) -> Self {
        scopes.into_iter().for_each(|scope| text::push(&mut self.scopes, scope.as_ref()));
        self
    }

    /// Sets the authentication context class reference (`acr`) of the event.
    pub fn acr(mut self, acr: impl Into<String>) -> Self {
        self.acr = acr.into();
        self
    }

    /// Adds a method of the authentication event (`amr`, RFC 8176).
    pub fn amr(mut self, amr: impl AsRef<str>) -> Self {
        text::push(&mut self.amr, amr.as_ref());
        self
    }

    /// Sets the time of the authentication, if it was not just now. Example: a login through a
    /// provider whose own session is older. Timeouts count from this time.
    pub fn authenticated_at(mut self, at: Timestamp) -> Self {
        self.authentication.authenticated_at = Some(at);
        self
    }

    /// Sets the OAuth client to which the token was issued (`client_id`).
    ///
    /// It does not make the principal a client; [`Principal::client`] does.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// Adds an actor of the delegation (`act`, RFC 8693, 4.1). Add the current actor first, then
    /// the prior ones, the most recent first.
    ///
    /// ```
    /// # use tower_auth_core as tower_auth;
    /// use tower_auth::{Actor, Identity};
    ///
    /// let alice = Identity::local("alice")
    ///     .actor(Actor::new("gateway").issuer("https://id.example"))
    ///     .actor(Actor::new("web"))
    ///     .build();
    /// assert!(alice.actors().map(|actor| actor.subject).eq(["gateway", "web"]));
    /// ```
    pub fn actor(mut self, actor: Actor<'_>) -> Self {
        text::push(&mut self.actors, actor.issuer.unwrap_or_default());
        text::push(&mut self.actors, actor.subject);
        self
    }

    /// Sets the application's own claims, serialized as JSON.
    ///
    /// # Errors
    /// Fails if the value cannot be written as JSON, or holds a float that is infinite or not a
    /// number.
    pub fn claims<T: Serialize + ?Sized>(mut self, claims: &T) -> Result<Self, ClaimsError> {
        self.claims = json::to_string(claims).map_err(ClaimsError)?;
        Ok(self)
    }

    /// Sets claims that already are JSON, for layers that read tokens. The text is stored unchanged
    /// and parsed when [`Identity::claims`] is called.
    pub fn raw_claims(mut self, json: impl Into<String>) -> Self {
        self.claims = json.into();
        self
    }

    /// Sets the method, the time and the expiry of the authentication, for layers that
    /// authenticate.
    pub fn authentication(mut self, authentication: Authentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Copies the authentication event of another identity: its proof, `acr` and `amr`.
    pub(super) fn event_of(mut self, other: &Identity) -> Self {
        let text = &other.0.text;
        self.authentication = other.authentication();
        self.acr = text.get(Part::Acr).into();
        self.amr = text.get(Part::Amr).into();
        self
    }

    /// Builds the identity.
    #[must_use]
    pub fn build(self) -> Identity {
        let text = Text::join([
            &self.principal.issuer,
            &self.principal.subject,
            &self.acr,
            &self.amr,
            &self.scopes,
            &self.roles,
            &self.claims,
            &self.client_id,
            &self.actors,
        ]);
        Identity::from_parts(self.authentication, self.principal.is_client, text)
    }
}

/// The claims cannot be written as JSON, or do not fit the requested type.
///
/// The error gives the position but not the value: claims are personal data.
pub struct ClaimsError(pub(super) serde_json::Error);

impl fmt::Debug for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.0.classify() {
            serde_json::error::Category::Data => "do not fit the requested type",
            _ => "cannot be written or read as JSON",
        };
        write!(f, "claims {fault} (line {}, column {})", self.0.line(), self.0.column())
    }
}

impl std::error::Error for ClaimsError {}

crate::opaque_debug!(IdentityBuilder, "IdentityBuilder");
