//! The encrypted view, and the keys behind it.

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::Cookie;
use tower_auth_core::event::Kind;

use super::cookies::read;
use super::{CookieError, Cookies};
use crate::keys::{self, Bound, KeyId, KeyRing, Purpose};

const FORMAT: u8 = 2;
/// Format, key id, nonce.
const HEAD: usize = 1 + 4 + 12;

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

/// The ring's keys as ciphers, newest first.
pub(crate) struct Sealer(Box<[(KeyId, Aes256GcmSiv)]>);

impl Sealer {
    pub(super) fn new(ring: &KeyRing) -> Self {
        Self::bound(ring, Purpose::EncryptedCookie.anywhere())
    }

    pub(crate) fn bound(ring: &KeyRing, bound: Bound<'_>) -> Self {
        let keys = ring.derive(bound);
        Self(keys.iter().map(|(id, key)| (id, Aes256GcmSiv::new(key.into()))).collect())
    }

    pub(crate) fn seal(&self, name: &str, value: &[u8]) -> String {
        let (id, cipher) = &self.0[0];
        let mut bytes = Vec::with_capacity(HEAD + value.len() + 16);
        bytes.push(FORMAT);
        bytes.extend_from_slice(id);
        let nonce: [u8; 12] = keys::random();
        bytes.extend_from_slice(&nonce);
        let aad = bound_to(*id, name);
        // It fails beyond 64 GiB, which no cookie has.
        let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: value, aad: &aad });
        bytes.extend_from_slice(&sealed.expect("a cookie is shorter than 64 GiB"));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The value, if one of the ring's keys sealed it under that name.
    pub(crate) fn open(&self, name: &str, text: &[u8]) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (head, msg) = bytes.split_first_chunk::<HEAD>()?;
        let [format, a, b, c, d, nonce @ ..] = *head;
        let id = [a, b, c, d];
        let (_, cipher) = self.0.iter().find(|(it, _)| *it == id && format == FORMAT)?;
        let aad = bound_to(id, name);
        cipher.decrypt(&Nonce::from(nonce), Payload { msg, aad: &aad }).ok()
    }
}

/// What a ciphertext is bound to: purpose, format, key and name. All but the last have a fixed
/// length.
fn bound_to(id: KeyId, name: &str) -> Vec<u8> {
    [b"encrypted".as_slice(), &[FORMAT], &id, name.as_bytes()].concat()
}

tower_auth_core::opaque_debug!(Encrypted<'_>, "Encrypted");
