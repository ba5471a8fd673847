//! The encoded view.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::Cookie;

use super::cookies::read;
use super::{CookieError, Cookies};

/// Cookies that hold any text or bytes, as base64url; see [`Cookies::encoded`].
///
/// Everybody can read and write them. The name stays as it is: it must be a token.
#[must_use]
pub struct Encoded<'a> {
    cookies: &'a Cookies,
}

impl<'a> Encoded<'a> {
    pub(super) const fn new(cookies: &'a Cookies) -> Self {
        Self { cookies }
    }

    /// The cookie of that name, decoded, if it is base64url of a text; of several the first counts.
    /// Its name and value are known, and nothing else.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'a>> {
        Some(read(name, String::from_utf8(self.get_bytes(name)?).ok()?))
    }

    /// The bytes under that name, if it is base64url; of several the first counts.
    #[must_use]
    pub fn get_bytes(&self, name: &str) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.cookies.get(name)?.value()).ok()
    }

    /// Sets the cookie with its value encoded.
    ///
    /// # Errors
    /// As [`Cookies::set`]; the value grows by a third.
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        let encoded = URL_SAFE_NO_PAD.encode(cookie.value());
        cookie.set_value(encoded);
        self.cookies.set(cookie)
    }

    /// Sets the cookie to these bytes, encoded; of `cookie` name and attributes count.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn set_bytes(
        &self,
        cookie: impl Into<Cookie<'static>>,
        value: &[u8],
    ) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        cookie.set_value(URL_SAFE_NO_PAD.encode(value));
        self.cookies.set(cookie)
    }

    /// As [`Cookies::remove`].
    ///
    /// # Errors
    /// As [`Cookies::remove`].
    pub fn remove(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        self.cookies.remove(cookie)
    }
}

tower_auth_core::opaque_debug!(Encoded<'_>, "Encoded");
