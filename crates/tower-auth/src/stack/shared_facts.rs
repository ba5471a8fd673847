//! The facts that the parts share before any of them is built.

use tower_auth_core::Clock;

use super::StackConfigError;
use crate::KeyRing;

/// The facts about the whole stack.
pub struct SharedFacts {
    pub(super) keys: KeyRing,
    pub(super) clock: Clock,
    /// The application's issuer: that of the stack's settings, otherwise that of the session.
    pub(super) name: Option<String>,
    pub(super) session_cookie: Option<String>,
    pub(super) refresh_cookie: Option<String>,
    pub(super) refresh_paths: Vec<String>,
    /// The cookies that carry access tokens.
    pub(super) bearer_cookies: Vec<String>,
    /// Whether the stack protects credentials in cookies against other sites, or the user has
    /// left that out explicitly.
    pub(super) is_guarded: bool,
    /// The configuration of the session, once it is built.
    #[cfg(feature = "session")]
    pub(super) session: std::cell::OnceCell<std::sync::Arc<crate::session::Config>>,
    /// Whether the stack has a foreign layer, which may read any cookie.
    pub(super) foreign: bool,
}

impl SharedFacts {
    /// Checks that a part's clock is a clone of the stack's.
    #[cfg(any(feature = "_bearer", feature = "refresh", feature = "require", feature = "session"))]
    pub(super) fn reads(
        &self,
        setter: &'static str,
        clock: &Clock,
    ) -> Result<(), StackConfigError> {
        if self.clock.is_same_as(clock) { Ok(()) } else { Err(StackConfigError::Clock { setter }) }
    }

    /// Checks the issuer under which a part proves identities of this application.
    #[cfg(any(feature = "_bearer", feature = "refresh", feature = "session"))]
    pub(super) fn names(&self, setter: &'static str, name: &str) -> Result<(), StackConfigError> {
        if let Some(ours) = self.name.as_deref().filter(|ours| *ours != name) {
            let (ours, theirs) = (ours.to_owned(), name.to_owned());
            return Err(StackConfigError::Issuer { setter, theirs, ours });
        }
        Ok(())
    }
}

tower_auth_core::opaque_debug!(SharedFacts, "SharedFacts");
