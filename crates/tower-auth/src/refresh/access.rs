//! The source of access tokens.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Identity;

/// Mints the short-lived access tokens that each refresh returns. Implemented by an issuer of
/// signed tokens, and by closures.
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
    /// Mints a token for `identity`.
    ///
    /// The identity has the requested scopes. Its [method](Identity::method) is
    /// [`Refresh`](tower_auth_core::AuthMethod::Refresh). It contains the time of the login and the end
    /// of the refresh token family. Its [`session`](Identity::session) is the family's id: write it
    /// into the token if the readers can look up whether the family is live.
    ///
    /// # Errors
    /// Return an error if no token can be minted. Nothing is consumed then, and the presented
    /// refresh token stays valid.
    fn mint(&self, identity: &Identity) -> Result<AccessToken, MintError>;

    /// Returns the audience of the access tokens, if it is always the same. Refresh tokens are
    /// bound to it: an engine with another audience refuses them. `None` by default, also for
    /// closures. Distinguish engines that mint with closures by their
    /// [`name`](super::RefreshBuilder::name).
    fn audience(&self) -> Option<&str> {
        None
    }

    /// Returns the issuer of the access tokens, if it is always the same. Refresh tokens are bound
    /// to it as to the [audience](Self::audience). `None` by default.
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

/// Mints signed tokens: the usual choice.
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

/// An access token. `Debug` hides it, because the token alone grants access.
#[derive(Clone)]
#[allow(clippy::exhaustive_structs, reason = "issuers build them")]
pub struct AccessToken {
    /// The text that the client sends as `Authorization: Bearer …`.
    pub text: String,
    /// The lifetime. The client learns it in whole seconds, rounded down.
    pub expires_in: Duration,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// No access token could be minted.
///
/// `Display` and `Debug` do not show the cause; it is the [`source`](std::error::Error::source).
pub struct MintError(Box<dyn std::error::Error + Send + Sync>);

impl MintError {
    /// Wraps the cause.
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
