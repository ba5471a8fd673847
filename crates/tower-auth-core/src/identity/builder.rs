//! How an identity comes to be.

use std::fmt;

use serde::Serialize;

use super::text::{self, Part, Text};
use super::{Identity, Method, Principal, Proof};
use crate::{Timestamp, json};

/// Gathers an [`Identity`]; made by [`Identity::local`] or [`Identity::builder`].
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
pub struct Builder {
    proof: Proof,
    principal: Principal,
    acr: String,
    amr: String,
    scopes: String,
    roles: String,
    claims: String,
}

impl Builder {
    pub(super) fn new(principal: Principal) -> Self {
        Self {
            proof: Proof::by(Method::Custom),
            principal,
            acr: String::new(),
            amr: String::new(),
            scopes: String::new(),
            roles: String::new(),
            claims: String::new(),
        }
    }

    pub(super) fn from_identity(identity: &Identity) -> Self {
        let text = &identity.0.text;
        Self {
            proof: identity.proof(),
            principal: identity.principal(),
            acr: text.get(Part::Acr).into(),
            amr: text.get(Part::Amr).into(),
            scopes: text.get(Part::Scopes).into(),
            roles: text.get(Part::Roles).into(),
            claims: text.get(Part::Claims).into(),
        }
    }

    /// Says who vouches for the subject.
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

    /// Adds a scope, as one token: it is not split at spaces.
    pub fn scope(mut self, scope: impl AsRef<str>) -> Self {
        text::push(&mut self.scopes, scope.as_ref());
        self
    }

    /// Adds several scopes.
    pub fn scopes<I: IntoIterator<Item: AsRef<str>>>(mut self, scopes: I) -> Self {
        scopes.into_iter().for_each(|scope| text::push(&mut self.scopes, scope.as_ref()));
        self
    }

    /// Says in which authentication context class the event was (`acr`).
    pub fn acr(mut self, acr: impl Into<String>) -> Self {
        self.acr = acr.into();
        self
    }

    /// Adds a method of the authentication event (`amr`, RFC 8176).
    pub fn amr(mut self, amr: impl AsRef<str>) -> Self {
        text::push(&mut self.amr, amr.as_ref());
        self
    }

    /// Says when the principal proved itself, where that was not just now: a login through a
    /// provider whose own session is older. Timeouts count from it.
    pub fn authenticated_at(mut self, at: Timestamp) -> Self {
        self.proof.authenticated_at = Some(at);
        self
    }

    /// Keeps the application's own claims, as JSON.
    ///
    /// # Errors
    /// The value cannot be written as JSON, or holds a float that is infinite or not a number.
    pub fn claims<T: Serialize + ?Sized>(mut self, claims: &T) -> Result<Self, ClaimsError> {
        self.claims = json::to_string(claims).map_err(ClaimsError)?;
        Ok(self)
    }

    /// Keeps claims that already are JSON, as they came: for layers that read tokens. They are
    /// looked at when somebody asks for them.
    pub fn raw_claims(mut self, json: impl Into<String>) -> Self {
        self.claims = json.into();
        self
    }

    /// Says how, when and until when it was proven: for layers that prove identities.
    pub fn proof(mut self, proof: Proof) -> Self {
        self.proof = proof;
        self
    }

    /// Takes over how, when and until when another identity was proven.
    pub(super) fn event_of(mut self, other: &Identity) -> Self {
        let text = &other.0.text;
        self.proof = other.proof();
        self.acr = text.get(Part::Acr).into();
        self.amr = text.get(Part::Amr).into();
        self
    }

    /// The identity.
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
        ]);
        Identity::from_parts(self.proof, text)
    }
}

/// Claims could not be written, or do not fit the type asked for.
///
/// It says where, not what: claims are personal data.
pub struct ClaimsError(pub(super) serde_json::Error);

impl fmt::Debug for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.0.classify() {
            serde_json::error::Category::Data => "are of another shape than the type asked for",
            _ => "cannot be written or read as JSON",
        };
        write!(f, "claims {fault} (line {}, column {})", self.0.line(), self.0.column())
    }
}

impl std::error::Error for ClaimsError {}

crate::opaque_debug!(Builder, "identity::Builder");
