//! The signed view, and the keys behind it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::Cookie;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tower_auth_core::event::Kind;

use super::Cookies;
use super::cookies::read;
use crate::crypto::keys::{KeyId, KeyRing, Purpose};
use crate::jar::CookieError;

/// Key id and MAC.
const BYTES: usize = 4 + 32;
const TEXT: usize = 48;

/// Cookies that everybody can read and only this application can write; see
/// [`Cookies::signed`].
///
/// The value is `value.base64url(key id 4 ‖ HMAC-SHA-256 over purpose, key id, name and value)`. A
/// signature does not stop replay: who has the cookie can send it again, whenever and from
/// wherever.
///
/// A response that sets one is not to be stored by caches (`Cache-Control: no-store`).
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

    /// The cookie of that name, without its signature, if this application signed it for that name
    /// and it came once. Its name and value are known, and nothing else.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cookie<'a>> {
        let verify = |text: &[u8]| self.signer.verify(name, text).map(<[u8]>::to_vec);
        let value = self.cookies.decoded(name, Kind::CookieNotSigned, verify)?;
        Some(read(name, String::from_utf8(value).ok()?))
    }

    /// Sets the cookie with its signature, which adds 49 octets.
    ///
    /// # Errors
    /// As [`Cookies::set`].
    pub fn set(&self, cookie: impl Into<Cookie<'static>>) -> Result<(), CookieError> {
        let mut cookie = cookie.into();
        let signed = self.signer.sign(cookie.name(), cookie.value());
        cookie.set_value(signed);
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

/// The ring's keys as hash states: key and purpose are in already, newest first.
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

    /// The value, if one of the ring's keys signed it under that name.
    fn verify<'t>(&self, name: &str, text: &'t [u8]) -> Option<&'t [u8]> {
        let (value, tag) = text.split_at_checked(text.len().checked_sub(TEXT + 1)?)?;
        let mut bytes = [0; BYTES];
        let len = URL_SAFE_NO_PAD.decode_slice(tag.strip_prefix(b".")?, &mut bytes).ok()?;
        let (id, mac) = bytes[..len].split_at_checked(4)?;
        let (_, start) = self.0.iter().find(|(it, _)| it == id)?;
        // In constant time, and never of a shorter MAC.
        over(start, name.as_bytes(), value).verify_slice(mac).ok()?;
        Some(value)
    }
}

fn start(id: KeyId, key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC takes a key of any length, so this key too.
    let mut start = Hmac::new_from_slice(key).expect("HMAC takes any key");
    start.update(b"signed");
    start.update(&id);
    start
}

/// The name's length stands before it, so no name and value pass for another name and value.
fn over(start: &Hmac<Sha256>, name: &[u8], value: &[u8]) -> Hmac<Sha256> {
    let mut mac = start.clone();
    mac.update(&(name.len() as u64).to_be_bytes());
    mac.update(name);
    mac.update(value);
    mac
}

tower_auth_core::opaque_debug!(Signed<'_>, "Signed");
