//! Authenticated encryption of values, each bound to a name.

use aes_gcm_siv::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::keys::{self, Bound, KeyId, KeyRing};

const FORMAT: u8 = 2;
/// Format, key id, nonce.
const HEAD: usize = 1 + 4 + 12;

/// The ring's keys as ciphers, newest first.
pub(crate) struct Sealer(Box<[(KeyId, Aes256GcmSiv)]>);

impl Sealer {
    pub(crate) fn new(ring: &KeyRing, bound: Bound<'_>) -> Self {
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
        // Encryption fails only beyond 64 GiB, and no cookie is that long.
        let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: value, aad: &aad });
        bytes.extend_from_slice(&sealed.expect("a cookie is shorter than 64 GiB"));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Returns the value, if a key of the ring sealed it under `name`.
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

/// Returns the associated data of a ciphertext: purpose, format, key and name. All but the name
/// have a fixed length.
fn bound_to(id: KeyId, name: &str) -> Vec<u8> {
    [b"encrypted".as_slice(), &[FORMAT], &id, name.as_bytes()].concat()
}
