//! The view of encrypted cookies.

use cookie::Cookie;
use tower_auth_core::event::EventKind;

use super::Cookies;
use super::cookies::read;
use crate::crypto::aead::Sealer;
use crate::jar::CookieError;

/// A view of cookies that only this application can read and write; see [`Cookies::encrypted`].
///
/// The value is `base64url(format 2 ‖ key id 4 ‖ nonce 12 ‖ ciphertext)`. The cipher is
/// AES-256-GCM-SIV, which tolerates a repeated nonce, and the ciphertext is bound to the cookie's
/// name. The length of the value is visible. Encryption does not prevent replay: anyone who has the
/// cookie can send it again, at any time and from anywhere.
///
/// A response that sets such a cookie gets `Cache-Control: no-store`.
#[must_use]
pub struct Encrypted<'a> {
    cookies: &'a Cookies,
    sealer: &'a Sealer,
}

impl<'a> Encrypted<'a> {
    pub(super) const fn new(cookies: &'a Cookies, sealer: &'a Sealer) -> Self {
        Self { cookies, sealer }
    }

    #[cfg(test)]
    pub(super) const fn sealer(&self) -> &Sealer {
        self.sealer
    }

    /// Returns the decrypted cookie with this name. This application must have encrypted it under
    /// that name, the client must have sent it once, and it must be UTF-8 text. The result has only
    /// a name and a value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'a>> {
        Some(read(name, String::from_utf8(self.get_bytes(name)?).ok()?))
    }

    /// Returns the decrypted bytes of the cookie with this name. This application must have
    /// encrypted them under that name, and the client must have sent the cookie once.
    #[must_use]
    pub fn get_bytes(&self, name: &str) -> Option<Vec<u8>> {
        let open = |text: &[u8]| self.sealer.open(name, text);
        self.cookies.decoded(name, EventKind::CookieNotEncrypted, open)
    }

    /// Encrypts the value, which may be any text, and sets the cookie.
    ///
    /// # Errors
    /// The same as for [`Cookies::set`]. Encryption adds 44 octets to the value and then a third.
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        let sealed = self.sealer.seal(cookie.name(), cookie.value().as_bytes());
        cookie.set_value(sealed);
        self.cookies.set_private(cookie)
    }

    /// Encrypts `value` and sets the cookie, with the name and attributes of `cookie`.
    ///
    /// # Errors
    /// The same as for [`set`](Self::set).
    pub fn set_bytes(
        &self,
        cookie: impl Into<Cookie<'static>>,
        value: &[u8],
    ) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        let sealed = self.sealer.seal(cookie.name(), value);
        cookie.set_value(sealed);
        self.cookies.set_private(cookie)
    }

    /// Removes the cookie, in the same way as [`Cookies::remove`].
    ///
    /// # Errors
    /// The same as for [`Cookies::remove`].
    pub fn remove(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        self.cookies.remove(cookie)
    }
}

tower_auth_core::opaque_debug!(Encrypted<'_>, "Encrypted");
