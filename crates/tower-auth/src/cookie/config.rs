//! The configuration that all `Cookies` of a layer share.

use cookie::{Cookie, SameSite};
use tower_auth_core::Events;

use super::signed::Signer;
use crate::crypto::aead::Sealer;
use crate::crypto::keys::Purpose;
use crate::jar::{self, CookieError, check};
use crate::{KeyRing, Settings};

/// The configuration of a layer, built once and shared by the layer's requests. No request computes
/// or copies any of it, and keys in particular.
pub(crate) struct Config {
    pub(super) signer: Option<Signer>,
    pub(super) sealer: Option<Sealer>,
    plain_http: bool,
    pub(super) allow_caching: bool,
    pub(super) events: Events,
}

impl Config {
    pub(super) fn new(ring: Option<&KeyRing>, settings: Settings) -> Self {
        Self {
            signer: ring.map(Signer::new),
            sealer: ring.map(|ring| Sealer::new(ring, Purpose::EncryptedCookie.anywhere())),
            plain_http: settings.plain_http,
            allow_caching: false,
            events: settings.events,
        }
    }

    /// Fills in the attributes of the strict producer's profile that are not set, and never
    /// overrides an attribute that is set (CK-21, CK-23, CK-24).
    pub(super) fn complete(&self, cookie: &mut Cookie<'static>) -> Result<(), CookieError> {
        match cookie.secure() {
            Some(false) if !self.plain_http => return Err(CookieError::Insecure),
            None if !self.plain_http => cookie.set_secure(true),
            _ => {}
        }
        if cookie.http_only().is_none() {
            cookie.set_http_only(true);
        }
        if cookie.same_site().is_none() {
            cookie.set_same_site(SameSite::Lax);
        }
        if cookie.path().is_none() {
            cookie.set_path("/");
        }
        if let Some(age) = cookie.max_age() {
            cookie.set_max_age(jar::whole_seconds(age));
        }
        Ok(())
    }

    /// Returns the removal of a cookie that [`complete`](Self::complete) filled in.
    pub(super) fn removal(
        &self,
        mut cookie: Cookie<'static>,
    ) -> Result<Cookie<'static>, CookieError> {
        // Over plain HTTP as well: the cookie was `Secure` when it was set, or the browser has
        // none.
        if cookie.secure().is_none() && check::wants_secure(&cookie) {
            cookie.set_secure(true);
        }
        self.complete(&mut cookie)?;
        Ok(jar::removal(cookie))
    }
}
