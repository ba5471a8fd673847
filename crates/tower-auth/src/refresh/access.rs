//! Where access tokens come from.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Identity;

/// Mints the short-lived tokens that come with each refresh: an issuer of signed tokens, or a
/// closure.
///
/// ```
/// use std::time::Duration;
/// use tower_auth::Identity;
/// use tower_auth::refresh::{AccessToken, AccessTokens, MintError};
///
/// let mint = |identity: &Identity| {
///     let text = format!("token-of-{}", identity.subject());
///     Ok(AccessToken { text, expires_in: Duration::from_secs(300) })
/// };
/// let token = mint.mint(&Identity::local("alice").build())?;
/// assert_eq!(token.text, "token-of-alice");
/// # Ok::<_, MintError>(())
/// ```
pub trait AccessTokens: Send + Sync + 'static {
    /// A token for this identity.
    ///
    /// The identity has the scopes that were asked for, its
    /// [method](Identity::method) is [`Refresh`](tower_auth_core::Method::Refresh), it says when
    /// the principal logged in, when the family of refresh tokens ends, and, as
    /// [`session`](Identity::session), the family's name: write that into the token where its
    /// readers can look up whether the family still lives.
    ///
    /// # Errors
    /// Nothing is consumed then: the refresh token that was presented stays good.
    fn mint(&self, identity: &Identity) -> Result<AccessToken, MintError>;

    /// The audience that the access tokens name, if it is always the same. Refresh tokens are bound
    /// to it: an engine with another audience refuses them. Default: none, as for closures; tell
    /// engines that mint with closures apart by their [`name`](super::Builder::name).
    fn audience(&self) -> Option<&str> {
        None
    }

    /// The issuer that the access tokens name, if it is always the same. Refresh tokens are bound to
    /// it as to the [audience](Self::audience). Default: none.
    fn issuer(&self) -> Option<&str> {
        None
    }
}

impl<F> AccessTokens for F
where
    F: Fn(&Identity) -> Result<AccessToken, MintError> + Send + Sync + 'static,
{
    fn mint(&self, identity: &Identity) -> Result<AccessToken, MintError> {
        self(identity)
    }
}

/// Signed tokens: what most applications want.
///
/// ```
/// use tower_auth::{Clock, JwtIssuer, KeyRing, MemoryStore, Refresh, Settings};
///
/// let settings = Settings::new().issuer("https://me.example");
/// let issuer = JwtIssuer::builder("https://me.example", "https://api.example")
///     .settings(&settings)
///     .generated_key("2026-11")
///     .build()?;
/// let store = MemoryStore::new(Clock::system());
/// let refresh = Refresh::builder(store, &KeyRing::random(), issuer)
///     .settings(&settings)
///     .build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "_bearer")]
impl AccessTokens for crate::JwtIssuer {
    fn mint(&self, identity: &Identity) -> Result<AccessToken, MintError> {
        let minted = Self::mint(self, identity).map_err(MintError::new)?;
        Ok(AccessToken { text: minted.text, expires_in: minted.expires_in })
    }

    fn audience(&self) -> Option<&str> {
        Some(self.audience())
    }

    fn issuer(&self) -> Option<&str> {
        Some(self.name())
    }
}

/// An access token. `Debug` does not show it: who holds it may act.
#[derive(Clone)]
#[allow(clippy::exhaustive_structs, reason = "issuers build them")]
pub struct AccessToken {
    /// What the client sends as `Authorization: Bearer …`.
    pub text: String,
    /// For how long it is good; told to the client in whole seconds, rounded down.
    pub expires_in: Duration,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// No access token could be minted.
///
/// `Display` and `Debug` say only that; the cause is the [`source`](std::error::Error::source).
pub struct MintError(Box<dyn std::error::Error + Send + Sync>);

impl MintError {
    /// Keeps the cause.
    pub fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

impl fmt::Debug for MintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MintError").finish_non_exhaustive()
    }
}

impl fmt::Display for MintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no access token could be minted")
    }
}

impl std::error::Error for MintError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
