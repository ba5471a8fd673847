//! The session's cookie, as a CSRF layer outside the session layer knows it.

use super::sought::Sought;
use crate::KeyRing;
use crate::crypto::credential::Secrets;

/// The cookie whose value binds tokens.
pub(super) struct SessionCookie {
    pub(super) cookie: Sought,
    secrets: Secrets,
    /// Whether another library may create the values. If so, a value that no `SessionLayer` of this
    /// ring created binds as a whole.
    pub(super) takes_any: bool,
}

impl SessionCookie {
    /// The cookie of a `SessionLayer`.
    pub(super) fn ours(ring: &KeyRing, name: impl Into<String>) -> Self {
        let cookie = Sought::new(name);
        let secrets = Secrets::new(ring, cookie.name());
        Self { cookie, secrets, takes_any: false }
    }

    /// The cookie of another library or of a `SessionLayer`.
    pub(super) fn anyones(ring: &KeyRing, name: impl Into<String>) -> Self {
        Self { takes_any: true, ..Self::ours(ring, name) }
    }

    /// Returns the secret of a credential that a `SessionLayer` of this ring created.
    pub(super) fn secret(&self, value: &[u8]) -> Option<[u8; 16]> {
        self.secrets.of(value)
    }

    #[cfg(feature = "session")]
    pub(super) const fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}
