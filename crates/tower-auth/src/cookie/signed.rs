//! The view of signed cookies, and its keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::Cookie;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tower_auth_core::event::EventKind;

use super::Cookies;
use super::cookies::read;
use crate::crypto::keys::{KeyId, KeyRing, Purpose};
use crate::jar::CookieError;

/// The key id and the MAC.
const BYTES: usize = 4 + 32;
const TEXT: usize = 48;

/// A view of cookies that any client can read, but only this application can write; see
/// [`Cookies::signed`].
///
/// The value is `value.base64url(key id 4 ‖ HMAC-SHA-256 over purpose, key id, name and value)`. A
/// signature does not prevent replay: anyone who has the cookie can send it again, at any time and
/// from anywhere.
///
/// A response that sets such a cookie gets `Cache-Control: no-store`.
#[must_use]
pub struct Signed<'a> {
    cookies: &'a Cookies,
    signer: &'a Signer,
}

impl<'a> Signed<'a> {
    pub(super) const fn new(cookies: &'a Cookies, signer: &'a Signer) -> Self {
        Self { cookies, signer }
    }

    #[cfg(test)]
    pub(super) const fn signer(&self) -> &Signer {
        self.signer
    }

    /// Returns the cookie with this name, without its signature. This application must have signed
    /// it under that name, and the client must have sent it once. The result has only a name and a
    /// value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'a>> {
        let verify = |text: &[u8]| self.signer.verify(name, text).map(<[u8]>::to_vec);
        let value = self.cookies.decoded(name, EventKind::CookieNotSigned, verify)?;
        Some(read(name, String::from_utf8(value).ok()?))
    }

    /// Signs the value, which adds 49 octets, and sets the cookie.
    ///
    /// # Errors
    /// The same as for [`Cookies::set`].
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        let signed = self.signer.sign(cookie.name(), cookie.value());
        cookie.set_value(signed);
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

/// The ring's keys as hash states that already contain the key and the purpose, newest first.
pub(super) struct Signer(Box<[(KeyId, Hmac<Sha256>)]>);

impl Signer {
    pub(super) fn new(ring: &KeyRing) -> Self {
        let keys = ring.derive(Purpose::SignedCookie.anywhere());
        Self(keys.iter().map(|(id, key)| (id, start(id, key))).collect())
    }

    fn sign(&self, name: &str, value: &str) -> String {
        let (id, start) = &self.0[0];
        let mut bytes = [0; BYTES];
        bytes[..4].copy_from_slice(id);
        let mac = over(start, name.as_bytes(), value.as_bytes()).finalize();
        bytes[4..].copy_from_slice(&mac.into_bytes());
        let mut text = String::with_capacity(value.len() + 1 + TEXT);
        text.push_str(value);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        text
    }

    /// Returns the value, if one of the ring's keys signed it under that name.
    fn verify<'t>(&self, name: &str, text: &'t [u8]) -> Option<&'t [u8]> {
        let (value, tag) = text.split_at_checked(text.len().checked_sub(TEXT + 1)?)?;
        let mut bytes = [0; BYTES];
        let len = URL_SAFE_NO_PAD.decode_slice(tag.strip_prefix(b".")?, &mut bytes).ok()?;
        let (id, mac) = bytes[..len].split_at_checked(4)?;
        let (_, start) = self.0.iter().find(|(it, _)| it == id)?;
        // `verify_slice` compares in constant time and rejects a shorter MAC.
        over(start, name.as_bytes(), value).verify_slice(mac).ok()?;
        Some(value)
    }
}

fn start(id: KeyId, key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC accepts keys of any length.
    let mut start = Hmac::new_from_slice(key).expect("HMAC takes any key");
    start.update(b"signed");
    start.update(&id);
    start
}

/// Hashes the length of the name first, so that no other pair of name and value has the same MAC.
fn over(start: &Hmac<Sha256>, name: &[u8], value: &[u8]) -> Hmac<Sha256> {
    let mut mac = start.clone();
    mac.update(&(name.len() as u64).to_be_bytes());
    mac.update(name);
    mac.update(value);
    mac
}

tower_auth_core::opaque_debug!(Signed<'_>, "Signed");
