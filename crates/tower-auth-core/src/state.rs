//! The result of authentication: known, anonymous or unknown.

use std::any::Any;
use std::sync::Arc;

use http::Extensions;

use crate::{Events, Identity, Misconfigured};

#[cfg(test)]
mod tests;

/// The result of a request's authentication.
///
/// There are three states because "the store did not answer" differs from "the user is not logged
/// in" (ASVS 16.5.3). An application that confuses the two logs all users out whenever a store
/// fails over.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth state; callers should match all")]
pub enum AuthState {
    /// The request has no credential, or one that is no longer valid.
    Anonymous,
    /// A credential was verified.
    Known(Identity),
    /// The request has a credential, and the system that verifies it cannot be reached. Unknown
    /// outranks known: this is the state even if another credential of the same request was
    /// verified.
    Unknown,
}

impl AuthState {
    /// Reads the state from a request's extensions.
    ///
    /// An [`Identity`] that a layer of your own inserted counts as known.
    ///
    /// # Errors
    /// Fails if no authenticating layer wraps the service. That is a configuration mistake. Answer
    /// 500: not 401, which blames the caller, and not 200.
    ///
    /// ```
    /// # use tower_auth_core as tower_auth;
    /// use tower_auth::{AuthState, Identity};
    ///
    /// let mut extensions = http::Extensions::new();
    /// assert!(AuthState::of(&extensions).is_err());
    /// Identity::local("alice").build().insert_into(&mut extensions)?;
    /// assert!(matches!(AuthState::of(&extensions)?, AuthState::Known(_)));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(extensions: &Extensions) -> Result<Self, Misconfigured> {
        Self::read(extensions, extensions.get())
    }

    /// Reads the state as [`of`](Self::of) does, for a response that depends on the identity.
    ///
    /// If the identity is known, the layers that authenticated it are notified
    /// ([`AuthContext::identity_used`]). tower-auth's layers then keep the response out of caches.
    ///
    /// # Errors
    /// Fails as [`of`](Self::of) does.
    ///
    /// ```
    /// # use tower_auth_core as tower_auth;
    /// use tower_auth::{AuthState, Rejection};
    ///
    /// /// Admits authenticated users only. The response is private to the user.
    /// fn guard(extensions: &http::Extensions) -> Result<(), Rejection> {
    ///     match AuthState::used(extensions)? {
    ///         AuthState::Known(_) => Ok(()),
    ///         AuthState::Anonymous => Err(Rejection::Anonymous),
    ///         AuthState::Unknown => Err(Rejection::Unavailable),
    ///     }
    /// }
    /// ```
    pub fn used(extensions: &Extensions) -> Result<Self, Misconfigured> {
        let auth = extensions.get::<Auth>();
        let state = Self::read(extensions, auth);
        if let (Ok(Self::Known(_)), Some(auth)) = (&state, auth) {
            auth.0.identity_used();
        }
        state
    }

    fn read(extensions: &Extensions, auth: Option<&Auth>) -> Result<Self, Misconfigured> {
        let found = auth.map(|auth| auth.0.state());
        if let Some(Ok(Self::Unknown)) = found {
            return Ok(Self::Unknown);
        }
        match (extensions.get::<Identity>(), found) {
            (Some(identity), _) => Ok(Self::Known(identity.clone())),
            // A layer in between removed the identity, so the request continues as anonymous.
            (None, Some(Ok(Self::Known(_)))) => Ok(Self::Anonymous),
            (None, Some(found)) => found,
            (None, None) => Err(Misconfigured::NO_AUTHENTICATION),
        }
    }
}

/// The state that tower-auth's own layers share during one request.
///
/// Other crates see only these methods; the rest is private to the layers.
pub trait AuthContext: Any + Send + Sync {
    /// Returns the result of the authenticating layers so far.
    ///
    /// # Errors
    /// Fails if no authenticating layer wraps the service, or if the one that does was configured
    /// to skip this route.
    fn state(&self) -> Result<AuthState, Misconfigured>;

    /// Notifies the layers that a known identity was handed out, so the response is private. Does
    /// nothing by default.
    ///
    /// If the handler sets no caching headers, tower-auth's layers then send
    /// `Cache-Control: no-store`. A browser therefore does not show the page again after a logout.
    fn identity_used(&self) {}

    /// Returns the sink that the layers emit to. There is none by default.
    fn events(&self) -> Events {
        Events::none()
    }
}

/// The one extension, beside [`Identity`], that tower-auth's layers insert into a request.
#[derive(Clone)]
pub struct Auth(pub Arc<dyn AuthContext>);

crate::opaque_debug!(Auth, "Auth");
