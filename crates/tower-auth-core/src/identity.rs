//! The authenticated identity: principal, authentication method, times, scopes and roles.

use std::fmt;
use std::sync::Arc;

use http::Extensions;
use serde::de::DeserializeOwned;

use crate::{Rejection, Timestamp, store::RecordId};

mod actor;
mod authentication;
mod builder;
mod format;
mod principal;
#[cfg(test)]
mod tests;
mod text;

pub use actor::Actor;
pub use authentication::{AuthMethod, Authentication};
pub use builder::{ClaimsError, IdentityBuilder};
pub use principal::Principal;
use text::{Part, Text};

/// An authenticated identity. Every authenticating layer of tower-auth inserts one into the
/// request's extensions.
///
/// An `Identity` is eight bytes and cheap to clone, and the type is the same for every kind of
/// credential. A request without one is anonymous, or an authenticating layer is missing;
/// [`AuthState::of`](crate::AuthState::of) distinguishes the two. `Debug` shows the method, and
/// nothing that identifies the user.
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Identity;
///
/// let alice = Identity::local("alice").role("user").scope("reports:read").build();
/// assert_eq!(alice.subject(), "alice");
/// assert!(alice.has_role("user") && alice.has_scope("reports:read"));
/// assert_eq!(format!("{alice:?}"), "Identity { method: Custom, .. }");
/// ```
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    authentication: Authentication,
    is_client: bool,
    text: Text,
}

impl Identity {
    /// Starts an identity for `principal`.
    pub fn builder(principal: Principal) -> IdentityBuilder {
        IdentityBuilder::new(principal)
    }

    /// Starts an identity for a subject of this application.
    pub fn local(subject: impl Into<String>) -> IdentityBuilder {
        IdentityBuilder::new(Principal::local(subject))
    }

    /// Creates an identity without scopes and roles: the minimum for a layer of your own.
    #[must_use]
    pub fn new(principal: Principal, authentication: Authentication) -> Self {
        IdentityBuilder::new(principal).build().with_authentication(authentication)
    }

    fn from_parts(authentication: Authentication, is_client: bool, text: Text) -> Self {
        Self(Arc::new(Inner { authentication, is_client, text }))
    }

    /// Returns the same identity with another proof.
    #[must_use]
    pub fn with_authentication(&self, authentication: Authentication) -> Self {
        Self::from_parts(authentication, self.0.is_client, self.0.text.clone())
    }

    /// Returns the same identity with the authentication event of `other`: its proof, `acr` and
    /// `amr`.
    ///
    /// Use it to change a user's roles without asking for a password. Such a change must not raise
    /// the level or the time of the user's authentication.
    ///
    /// ```
    /// # use tower_auth_core::Identity;
    /// let login = Identity::local("alice").role("user").amr("pwd").build();
    /// let promoted = Identity::local("alice").role("admin").amr("otp").build();
    /// let promoted = promoted.with_event_of(&login);
    /// assert!(promoted.has_role("admin") && promoted.amr().eq(["pwd"]));
    /// ```
    #[must_use]
    pub fn with_event_of(&self, other: &Self) -> Self {
        self.to_builder().event_of(other).build()
    }

    /// Returns a builder with the values of this identity.
    pub fn to_builder(&self) -> IdentityBuilder {
        IdentityBuilder::from_identity(self)
    }

    /// Returns the principal: issuer, subject, and whether the subject is a client.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal { is_client: self.is_client(), ..Principal::new(self.issuer(), self.subject()) }
    }

    /// Returns the party that vouches for the subject.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.text.get(Part::Issuer)
    }

    /// Returns the subject. It is unique only together with the [`issuer`](Self::issuer) and
    /// [`is_client`](Self::is_client).
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.text.get(Part::Subject)
    }

    /// Returns `true` if the subject is an OAuth client that acts for itself, and not a user.
    #[must_use]
    pub fn is_client(&self) -> bool {
        self.0.is_client
    }

    /// Returns `true` if both identities have the same issuer and the same subject, and either both
    /// or neither are clients.
    #[must_use]
    pub fn same_principal(&self, other: &Self) -> bool {
        self.is_client() == other.is_client()
            && self.issuer() == other.issuer()
            && self.subject() == other.subject()
    }

    /// Returns the OAuth client to which the token was issued (`client_id`), if it is known. For a
    /// user, it is the client that acts on the user's behalf.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        Some(self.0.text.get(Part::ClientId)).filter(|id| !id.is_empty())
    }

    /// Returns the actors, which act for the principal by delegation (`act`, RFC 8693, 4.1): the
    /// current actor first, then the prior ones.
    ///
    /// Only the current actor matters for access control. The prior ones are information.
    pub fn actors(&self) -> impl Iterator<Item = Actor<'_>> {
        let mut words = self.0.text.list(Part::Actors);
        std::iter::from_fn(move || {
            let issuer = words.next()?;
            Some(Actor { issuer: Some(issuer).filter(|it| !it.is_empty()), subject: words.next()? })
        })
    }

    /// Returns the kind of credential that proved the identity in this request.
    #[must_use]
    pub fn method(&self) -> AuthMethod {
        self.0.authentication.method
    }

    /// Returns the method, the time and the expiry of the authentication.
    #[must_use]
    pub fn authentication(&self) -> Authentication {
        self.0.authentication
    }

    /// Returns the time of the principal's last authentication. `None` if it is unknown, for
    /// example for a token without that claim.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.0.authentication.authenticated_at
    }

    /// Returns the time at which the authentication expires, if it expires by itself.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.authentication.expires_at
    }

    /// Returns the id of the session that proved the identity, if there is one.
    #[must_use]
    pub fn session(&self) -> Option<RecordId> {
        self.0.authentication.session
    }

    /// Returns the authentication context class reference (`acr`), if the event had one.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        Some(self.0.text.get(Part::Acr)).filter(|acr| !acr.is_empty())
    }

    /// Returns the authentication methods of the event (`amr`, RFC 8176), such as `pwd` and `otp`.
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        self.0.text.list(Part::Amr)
    }

    /// Returns the granted scopes.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.text.list(Part::Scopes)
    }

    /// Returns `true` if exactly `scope` was granted. Prefixes and patterns have no meaning.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|it| it == scope)
    }

    /// Returns the roles.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.0.text.list(Part::Roles)
    }

    /// Returns `true` if the identity has exactly `role`.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|it| it == role)
    }

    /// Deserializes the application's own claims into `T`; `None` if there are none.
    ///
    /// The identity keeps the claims as the JSON that it received, and parses them on each call.
    ///
    /// # Errors
    /// Fails if the claims do not fit `T`.
    ///
    /// ```
    /// # use tower_auth_core::Identity;
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Tenant { tenant: u32 }
    ///
    /// let alice = Identity::local("alice").claims(&Tenant { tenant: 7 })?.build();
    /// assert_eq!(alice.claims::<Tenant>()?.unwrap().tenant, 7);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn claims<T: DeserializeOwned>(&self) -> Result<Option<T>, ClaimsError> {
        match self.0.text.get(Part::Claims) {
            "" => Ok(None),
            json => serde_json::from_str(json).map(Some).map_err(ClaimsError),
        }
    }

    /// Inserts the identity into a request's extensions, by the rule for two credentials in one
    /// request.
    ///
    /// - If there is no identity yet, this one is inserted.
    /// - If there is one of the same principal, this one replaces it. However, a bearer token stays
    ///   if this one is not a token, and an [explicit](AuthMethod::is_explicit) token stays if this
    ///   one is a token in a cookie.
    ///
    /// Scopes and roles are never merged: those of the remaining identity apply.
    ///
    /// Call it from a layer of your own that authenticates requests.
    ///
    /// # Errors
    /// Returns [`Rejection::Ambiguous`] if the extensions hold another principal, and leaves them
    /// unchanged.
    ///
    /// ```
    /// # use tower_auth_core::{Identity, Rejection};
    /// let mut extensions = http::Extensions::new();
    /// Identity::local("alice").build().insert_into(&mut extensions)?;
    /// let other = Identity::local("mallory").build().insert_into(&mut extensions);
    /// assert!(matches!(other, Err(Rejection::Ambiguous)));
    /// assert_eq!(extensions.get::<Identity>().unwrap().subject(), "alice");
    /// # Ok::<_, Rejection>(())
    /// ```
    pub fn insert_into(self, extensions: &mut Extensions) -> Result<(), Rejection> {
        match extensions.get::<Self>() {
            Some(there) if !there.same_principal(&self) => return Err(Rejection::Ambiguous),
            Some(there) if there.method().rank() > self.method().rank() => {}
            _ => {
                extensions.insert(self);
            }
        }
        Ok(())
    }

    /// Encodes the identity as it is stored in records. The proof is not included: the record
    /// itself holds it.
    ///
    /// The encoding is format 1. Later versions of this crate read every format that was ever
    /// written.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        format::encode(self.0.is_client, &self.0.text)
    }

    /// Decodes the output of [`to_bytes`](Self::to_bytes). `None` if `bytes` is malformed.
    ///
    /// ```
    /// # use tower_auth_core::{Identity, AuthMethod, Authentication};
    /// let bytes = Identity::local("alice").role("user").build().to_bytes();
    /// let again = Identity::from_bytes(&bytes, Authentication::by(AuthMethod::Session)).unwrap();
    /// assert!(again.has_role("user"));
    /// assert!(Identity::from_bytes(b"nonsense", Authentication::by(AuthMethod::Session)).is_none());
    /// ```
    #[must_use]
    pub fn from_bytes(bytes: &[u8], authentication: Authentication) -> Option<Self> {
        let (is_client, text) = format::decode(bytes)?;
        Some(Self::from_parts(authentication, is_client, text))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("method", &self.method()).finish_non_exhaustive()
    }
}
