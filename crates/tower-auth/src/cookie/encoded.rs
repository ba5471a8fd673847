//! The view of encoded cookies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::Cookie;

use super::cookies::read;
use super::{CookieError, Cookies};

/// A view of cookies that contain any text or bytes, as base64url; see [`Cookies::encoded`].
///
/// Any client can read and write these cookies. The name is not encoded, so it must be a token.
#[must_use]
pub struct Encoded<'a> {
    cookies: &'a Cookies,
}

impl<'a> Encoded<'a> {
    pub(super) const fn new(cookies: &'a Cookies) -> Self {
        Self { cookies }
    }

    /// Returns the decoded cookie with this name, if its value is base64url of UTF-8 text. If the
    /// client sent several, the first one counts. The result has only a name and a value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'a>> {
        Some(read(name, String::from_utf8(self.get_bytes(name)?).ok()?))
    }

    /// Returns the decoded bytes of the cookie with this name, if its value is base64url. If the
    /// client sent several, the first one counts.
    #[must_use]
    pub fn get_bytes(&self, name: &str) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.cookies.get(name)?.value()).ok()
    }

    /// Encodes the value and sets the cookie.
    ///
    /// # Errors
    /// The same as for [`Cookies::set`]. The encoding lengthens the value by a third.
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        let encoded = URL_SAFE_NO_PAD.encode(cookie.value());
        cookie.set_value(encoded);
        self.cookies.set(cookie)
    }

    /// Encodes `value` and sets the cookie, with the name and attributes of `cookie`.
    ///
    /// # Errors
    /// The same as for [`set`](Self::set).
    pub fn set_bytes(
        &self,
        cookie: impl Into<Cookie<'static>>,
        value: &[u8],
    ) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        cookie.set_value(URL_SAFE_NO_PAD.encode(value));
        self.cookies.set(cookie)
    }

    /// Removes the cookie, in the same way as [`Cookies::remove`].
    ///
    /// # Errors
    /// The same as for [`Cookies::remove`].
    pub fn remove(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        self.cookies.remove(cookie)
    }
}

tower_auth_core::opaque_debug!(Encoded<'_>, "Encoded");
