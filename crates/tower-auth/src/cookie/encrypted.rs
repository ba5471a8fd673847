//! The encrypted view, and the keys behind it.

use cookie::Cookie;
use tower_auth_core::event::Kind;

use super::Cookies;
use super::cookies::read;
use crate::crypto::aead::Sealer;
use crate::jar::CookieError;

/// Cookies that only this application can read and write; see [`Cookies::encrypted`].
///
/// The value is `base64url(format 2 ‖ key id 4 ‖ nonce 12 ‖ ciphertext)`: AES-256-GCM-SIV, which
/// survives a nonce that comes twice, bound to the cookie's name. The length shows, and encryption
/// does not stop replay: who has the cookie can send it again, whenever and from wherever.
///
/// A response that sets one is not to be stored by caches (`Cache-Control: no-store`).
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

    /// The cookie of that name, decrypted, if this application encrypted it for that name, it came
    /// once and is text. Its name and value are known, and nothing else.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'a>> {
        Some(read(name, String::from_utf8(self.get_bytes(name)?).ok()?))
    }

    /// The bytes under that name, if this application encrypted them for that name and they came
    /// once.
    #[must_use]
    pub fn get_bytes(&self, name: &str) -> Option<Vec<u8>> {
        let open = |text: &[u8]| self.sealer.open(name, text);
        self.cookies.decoded(name, Kind::CookieNotEncrypted, open)
    }

    /// Sets the cookie with its value encrypted; any text will do.
    ///
    /// # Errors
    /// As [`Cookies::set`]; the value grows by 44 octets and then by a third.
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        let sealed = self.sealer.seal(cookie.name(), cookie.value().as_bytes());
        cookie.set_value(sealed);
        self.cookies.set_private(cookie)
    }

    /// Sets the cookie to these bytes, encrypted; of `cookie` name and attributes count.
    ///
    /// # Errors
    /// As [`set`](Self::set).
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

    /// As [`Cookies::remove`].
    ///
    /// # Errors
    /// As [`Cookies::remove`].
    pub fn remove(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        self.cookies.remove(cookie)
    }
}

tower_auth_core::opaque_debug!(Encrypted<'_>, "Encrypted");
