//! The session's cookie, as the CSRF layer outside of the session knows it.

use super::sought::Sought;
use crate::KeyRing;
use crate::crypto::credential::Secrets;

/// The cookie whose value tokens are bound to.
pub(super) struct SessionCookie {
    pub(super) cookie: Sought,
    secrets: Secrets,
    /// Whether another library may make the values. Those that a `SessionLayer` of this ring did not
    /// make then count as they are.
    pub(super) takes_any: bool,
}

impl SessionCookie {
    /// The cookie of a `SessionLayer`.
    pub(super) fn ours(ring: &KeyRing, name: impl Into<String>) -> Self {
        let cookie = Sought::new(name);
        let secrets = Secrets::new(ring, cookie.name());
        Self { cookie, secrets, takes_any: false }
    }

    /// The cookie of another library, or of a `SessionLayer`.
    pub(super) fn anyones(ring: &KeyRing, name: impl Into<String>) -> Self {
        Self { takes_any: true, ..Self::ours(ring, name) }
    }

    /// The secret of a credential of ours.
    pub(super) fn secret(&self, value: &[u8]) -> Option<[u8; 16]> {
        self.secrets.of(value)
    }

    #[cfg(feature = "session")]
    pub(super) const fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}
