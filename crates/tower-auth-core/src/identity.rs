//! Who was proven, how, when, until when, with which scopes and roles.

use std::fmt;
use std::sync::Arc;

use http::Extensions;
use serde::de::DeserializeOwned;

use crate::{Rejection, Timestamp, store::Handle};

mod builder;
mod format;
#[cfg(test)]
mod tests;
mod text;

pub use builder::{Builder, ClaimsError};
use text::{Part, Text};

/// Whose identity it is: the issuer that vouches, and the subject in that issuer's words.
///
/// Never the subject alone: two issuers may use one subject for two people (ASVS 10.3.3). The
/// local application is an issuer like any other; [`Principal::local`] stands for it until a layer
/// that knows its name fills it in (`session::Builder::issuer`).
///
/// ```
/// # use tower_auth_core as tower_auth;
/// use tower_auth::Principal;
///
/// let here = Principal::local("alice");
/// let there = Principal::new("https://id.example", "alice");
/// assert!(here != there);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Who vouches for the subject.
    pub issuer: String,
    /// The subject, unique and never re-used at its issuer.
    pub subject: String,
}

// Without the names: an identity of a person may be one of them.
crate::opaque_debug!(Principal, "Principal");

impl Principal {
    /// The issuer's name where the application has given itself none.
    pub const LOCAL_ISSUER: &'static str = "local";

    /// A subject at a named issuer.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), subject: subject.into() }
    }

    /// A subject of this application.
    pub fn local(subject: impl Into<String>) -> Self {
        Self::new(Self::LOCAL_ISSUER, subject)
    }
}

/// By which means an identity was proven in this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// A server-side session.
    Session,
    /// A signed bearer token.
    Bearer,
    /// An opaque token, looked up in a store.
    Opaque,
    /// A refresh token, exchanged on the way in.
    Refresh,
    /// A layer that is not tower-auth's.
    Custom,
}

impl Method {
    /// The word for it, in lower case: `session`, `bearer`, `opaque`, `refresh`, `custom`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Bearer => "bearer",
            Self::Opaque => "opaque",
            Self::Refresh => "refresh",
            Self::Custom => "custom",
        }
    }

    /// Whether the client chose to send the credential with this very request, as against a
    /// cookie that its browser attaches by itself.
    #[must_use]
    pub const fn is_explicit(self) -> bool {
        matches!(self, Self::Bearer | Self::Opaque)
    }
}

/// How, when and until when an identity was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// By which means.
    pub method: Method,
    /// When the principal last proved itself, as far as that is known.
    pub authenticated_at: Option<Timestamp>,
    /// When the proof ends by itself, where it does.
    pub expires_at: Option<Timestamp>,
    /// The session's name, where there is one: what one lists and kicks it by.
    pub session: Option<Handle>,
}

impl Proof {
    /// Proven by `method`, nothing else known.
    #[must_use]
    pub const fn by(method: Method) -> Self {
        Self { method, authenticated_at: None, expires_at: None, session: None }
    }
}

/// One authenticated identity: what every layer of tower-auth puts into the request's extensions.
///
/// Eight bytes, cheap to clone, the same type whichever credential proved it. Its absence means
/// anonymous (or a layer that is missing: [`AuthState::of`](crate::AuthState::of) tells which).
/// `Debug` shows how it was proven and nothing of whom.
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
    proof: Proof,
    text: Text,
}

impl Identity {
    /// Starts an identity for a principal.
    pub fn builder(principal: Principal) -> Builder {
        Builder::new(principal)
    }

    /// Starts an identity for a subject of this application.
    pub fn local(subject: impl Into<String>) -> Builder {
        Builder::new(Principal::local(subject))
    }

    /// An identity with no scopes and no roles: what a layer of your own needs at least.
    #[must_use]
    pub fn new(principal: Principal, proof: Proof) -> Self {
        Builder::new(principal).build().with_proof(proof)
    }

    fn from_parts(proof: Proof, text: Text) -> Self {
        Self(Arc::new(Inner { proof, text }))
    }

    /// The same principal, scopes, roles and claims, proven otherwise.
    #[must_use]
    pub fn with_proof(&self, proof: Proof) -> Self {
        Self::from_parts(proof, self.0.text.clone())
    }

    /// The same principal, scopes, roles and claims, proven by the authentication event behind
    /// `other`: its proof, `acr` and `amr`.
    ///
    /// For what changes a user's roles without asking for a password: that must not raise how the
    /// user was authenticated, or when.
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

    /// A builder that holds what this identity holds.
    pub fn to_builder(&self) -> Builder {
        Builder::from_identity(self)
    }

    /// Issuer and subject.
    #[must_use]
    pub fn principal(&self) -> Principal {
        Principal::new(self.issuer(), self.subject())
    }

    /// Who vouches for the subject.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.text.get(Part::Issuer)
    }

    /// The subject. Unique only together with the [`issuer`](Self::issuer).
    #[must_use]
    pub fn subject(&self) -> &str {
        self.0.text.get(Part::Subject)
    }

    /// Whether both speak of one principal: same issuer and same subject.
    #[must_use]
    pub fn same_principal(&self, other: &Self) -> bool {
        self.issuer() == other.issuer() && self.subject() == other.subject()
    }

    /// By which means it was proven in this request.
    #[must_use]
    pub fn method(&self) -> Method {
        self.0.proof.method
    }

    /// How, when and until when.
    #[must_use]
    pub fn proof(&self) -> Proof {
        self.0.proof
    }

    /// When the principal last proved itself; `None` where that is not known, as with a token
    /// that does not say.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.0.proof.authenticated_at
    }

    /// When the proof ends by itself, where it does.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.proof.expires_at
    }

    /// The name of the session behind it, where there is one.
    #[must_use]
    pub fn session(&self) -> Option<Handle> {
        self.0.proof.session
    }

    /// The authentication context class reference (`acr`), where the event had one.
    #[must_use]
    pub fn acr(&self) -> Option<&str> {
        Some(self.0.text.get(Part::Acr)).filter(|acr| !acr.is_empty())
    }

    /// The authentication methods of the event (`amr`, RFC 8176), such as `pwd` and `otp`.
    pub fn amr(&self) -> impl Iterator<Item = &str> {
        self.0.text.list(Part::Amr)
    }

    /// The scopes granted.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.text.list(Part::Scopes)
    }

    /// Whether this very scope was granted: no prefixes, no patterns.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|it| it == scope)
    }

    /// The roles held.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.0.text.list(Part::Roles)
    }

    /// Whether this very role is held.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|it| it == role)
    }

    /// The application's own claims, read into a type of yours; `None` where there are none.
    ///
    /// They are kept as the JSON that came, and read at each call.
    ///
    /// # Errors
    /// The claims do not fit `T`.
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

    /// Puts it into a request's extensions by the rule for two credentials in one request.
    ///
    /// None there yet: inserted. The same principal is there: the explicit credential (a bearer
    /// token) stays or replaces, with its own scopes; nothing is united. Call it from a layer of
    /// your own that proves identities.
    ///
    /// # Errors
    /// [`Rejection::Ambiguous`] when another principal is there; the extensions are unchanged.
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
            Some(there) if there.method().is_explicit() && !self.method().is_explicit() => {}
            _ => {
                extensions.insert(self);
            }
        }
        Ok(())
    }

    /// Who it is, in the form that records hold; without the proof, which is the record's own.
    ///
    /// Format 1; later versions of this crate read every format that was ever written.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        format::encode(&self.0.text)
    }

    /// What [`to_bytes`](Self::to_bytes) wrote; `None` where it cannot be read.
    ///
    /// ```
    /// # use tower_auth_core::{Identity, Method, Proof};
    /// let bytes = Identity::local("alice").role("user").build().to_bytes();
    /// let again = Identity::from_bytes(&bytes, Proof::by(Method::Session)).unwrap();
    /// assert!(again.has_role("user"));
    /// assert!(Identity::from_bytes(b"nonsense", Proof::by(Method::Session)).is_none());
    /// ```
    #[must_use]
    pub fn from_bytes(bytes: &[u8], proof: Proof) -> Option<Self> {
        format::decode(bytes).map(|text| Self::from_parts(proof, text))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("method", &self.method()).finish_non_exhaustive()
    }
}
