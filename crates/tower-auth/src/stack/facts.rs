//! What the parts tell each other before any of them is built.

use tower_auth_core::Clock;

use super::ConfigError;
use crate::KeyRing;

/// By how much two readings of one clock, one after the other, may differ. Two clocks that differ
/// by more would disagree about what has expired.
const SAME: std::time::Duration = std::time::Duration::from_secs(60);

/// What is known of the whole stack.
pub struct Facts {
    pub(super) keys: KeyRing,
    pub(super) clock: Clock,
    /// This application's name: the session's, or what was said for all.
    pub(super) name: Option<String>,
    pub(super) session_cookie: Option<String>,
    pub(super) refresh_cookie: Option<String>,
    pub(super) refresh_paths: Vec<String>,
    /// The session's own, once it is built.
    #[cfg(feature = "session")]
    pub(super) session: std::cell::OnceCell<std::sync::Arc<crate::session::Config>>,
    /// A layer that is not ours: what it reads is not known.
    pub(super) foreign: bool,
}

impl Facts {
    /// What was built before the stack must agree with it.
    #[cfg(any(feature = "_bearer", feature = "refresh"))]
    pub(super) fn agree(
        &self,
        setter: &'static str,
        name: &str,
        clock: &Clock,
    ) -> Result<(), ConfigError> {
        if let Some(ours) = self.name.as_deref().filter(|ours| *ours != name) {
            let (ours, theirs) = (ours.to_owned(), name.to_owned());
            return Err(ConfigError::Issuer { setter, theirs, ours });
        }
        let (ours, theirs) = (self.clock.now(), clock.now());
        if ours.since(theirs) > SAME || theirs.since(ours) > SAME {
            return Err(ConfigError::Clock { setter });
        }
        Ok(())
    }
}

tower_auth_core::opaque_debug!(Facts, "Facts");
