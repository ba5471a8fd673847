//! Known, anonymous or unknown: what the authenticating layers found out.

use std::any::Any;
use std::sync::Arc;

use http::Extensions;

use crate::{Events, Identity, Wiring};

#[cfg(test)]
mod tests;

/// What is known of a request's sender.
///
/// Three states, because "the store did not answer" is not "nobody is logged in" (ASVS 16.5.3):
/// taking the one for the other logs everybody out whenever a store fails over.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is no fourth answer; callers should match all")]
pub enum AuthState {
    /// No credential came, or one that is no longer worth anything.
    Anonymous,
    /// A credential was proven.
    Known(Identity),
    /// A credential came and the system that could prove it cannot be asked. Unknown beats
    /// known: it says so also where another credential of the same request was proven.
    Unknown,
}

impl AuthState {
    /// Reads it from a request's extensions.
    ///
    /// An [`Identity`] that a layer of your own inserted counts as known.
    ///
    /// # Errors
    /// No authenticating layer is in the path. That is a mistake in the wiring and must be
    /// answered 500: neither 401, which blames the caller, nor 200.
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
    pub fn of(extensions: &Extensions) -> Result<Self, Wiring> {
        Self::read(extensions, extensions.get())
    }

    /// As [`of`](Self::of), for what makes the response depend on the identity: where it is known,
    /// the layers that put it there hear of it ([`AuthContext::identity_used`]), and tower-auth's
    /// keep the response out of caches.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    ///
    /// ```
    /// # use tower_auth_core as tower_auth;
    /// use tower_auth::{AuthState, Rejection};
    ///
    /// /// Only for those who are logged in; the answer is theirs alone.
    /// fn guard(extensions: &http::Extensions) -> Result<(), Rejection> {
    ///     match AuthState::used(extensions)? {
    ///         AuthState::Known(_) => Ok(()),
    ///         AuthState::Anonymous => Err(Rejection::Anonymous),
    ///         AuthState::Unknown => Err(Rejection::Unavailable),
    ///     }
    /// }
    /// ```
    pub fn used(extensions: &Extensions) -> Result<Self, Wiring> {
        let auth = extensions.get::<Auth>();
        let state = Self::read(extensions, auth);
        if let (Ok(Self::Known(_)), Some(auth)) = (&state, auth) {
            auth.0.identity_used();
        }
        state
    }

    fn read(extensions: &Extensions, auth: Option<&Auth>) -> Result<Self, Wiring> {
        let found = auth.map(|auth| auth.0.state());
        if let Some(Ok(Self::Unknown)) = found {
            return Ok(Self::Unknown);
        }
        match (extensions.get::<Identity>(), found) {
            (Some(identity), _) => Ok(Self::Known(identity.clone())),
            // A layer in between took the identity away: whoever it was, the request goes on as
            // nobody's.
            (None, Some(Ok(Self::Known(_)))) => Ok(Self::Anonymous),
            (None, Some(found)) => found,
            (None, None) => Err(Wiring::NO_AUTHENTICATION),
        }
    }
}

/// What tower-auth's own layers share with each other in one request.
///
/// Its methods are all that other crates see; the rest is the layers' private business.
pub trait AuthContext: Any + Send + Sync {
    /// What the authenticating layers found so far.
    ///
    /// # Errors
    /// None of them is in the path, or the one that is was told to leave this route out.
    fn state(&self) -> Result<AuthState, Wiring>;

    /// Hears that a known identity was handed out, so that the response is private: tower-auth's
    /// layers then send `Cache-Control: no-store` where the handler says nothing of caching, and a
    /// page is not shown again after a logout. Does nothing by default.
    fn identity_used(&self) {}

    /// Whom its layers tell of what happens; nobody by default.
    fn events(&self) -> Events {
        Events::none()
    }
}

/// The one extension that tower-auth's layers put into a request, beside the [`Identity`].
#[derive(Clone)]
pub struct Auth(pub Arc<dyn AuthContext>);

crate::opaque_debug!(Auth, "Auth");
