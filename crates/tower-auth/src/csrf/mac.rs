//! Random bytes with a MAC over them and their context.
//!
//! `base64url(format 2 ‖ key id 4 ‖ random 16 ‖ HMAC-SHA-256 32 bytes)`, always 71 characters.
//! Tokens and the pre-session cookie both use this format, under keys of different purposes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use crate::base64url::BASE64URL;
use crate::crypto::keys::{self, Bound, KeyId, KeyRing};

const FORMAT: u8 = 2;
const BYTES: usize = 1 + 4 + 16 + 32;
const TEXT: usize = 71;

/// The offset of the MAC.
const MAC: usize = 1 + 4 + 16;

/// The ring's keys as hash states, newest first. Each key schedule is computed only once.
pub(super) struct MacKeys(Box<[(KeyId, Hmac<Sha256>)]>);

impl MacKeys {
    pub(super) fn new(ring: &KeyRing, bound: Bound<'_>) -> Self {
        let keys = ring.derive(bound);
        Self(keys.iter().map(|(id, key)| (id, start(key))).collect())
    }

    /// Creates random bytes, and their text with a MAC over the bytes and `parts`.
    pub(super) fn make(&self, parts: &[&[u8]]) -> ([u8; 16], String) {
        let (id, state) = &self.0[0];
        let random: [u8; 16] = keys::random();
        let mut bytes = [0; BYTES];
        bytes[0] = FORMAT;
        bytes[1..5].copy_from_slice(id);
        bytes[5..MAC].copy_from_slice(&random);
        let mac = over(state, &bytes[..MAC], parts).finalize().into_bytes();
        bytes[MAC..].copy_from_slice(&mac);
        let mut text = String::with_capacity(TEXT);
        URL_SAFE_NO_PAD.encode_string(bytes, &mut text);
        (random, text)
    }

    /// Returns the random bytes, if any key of the ring made the MAC over them and `parts`.
    /// Compares in constant time.
    pub(super) fn open(&self, text: &[u8], parts: &[&[u8]]) -> Option<[u8; 16]> {
        if text.len() != TEXT {
            return None;
        }
        let mut bytes = [0; BYTES];
        let len = BASE64URL.decode_slice(text, &mut bytes).ok()?;
        if len != BYTES || bytes[0] != FORMAT {
            return None;
        }
        let (_, state) = self.0.iter().find(|(id, _)| *id == bytes[1..5])?;
        let mac = over(state, &bytes[..MAC], parts).finalize().into_bytes();
        if !is_same(&mac, &bytes[MAC..]) {
            return None;
        }
        bytes[5..MAC].try_into().ok()
    }
}

/// Compares two MACs in constant time. Compares integers, because `ct_eq` of slices works byte by
/// byte.
fn is_same(right: &[u8], sent: &[u8]) -> bool {
    let ((right, rest), (sent, others)) = (right.as_chunks(), sent.as_chunks());
    let numbers = right
        .iter()
        .zip(sent)
        .map(|(right, sent)| u128::from_ne_bytes(*right).ct_eq(&u128::from_ne_bytes(*sent)));
    let is_whole = right.len() == sent.len() && rest.is_empty() && others.is_empty();
    is_whole && bool::from(numbers.fold(Choice::from(1), |all, one| all & one))
}

fn start(key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC accepts keys of any length.
    Hmac::new_from_slice(key).expect("HMAC takes any key")
}

/// Hashes each part after its length, so that two different lists of parts never hash the same
/// bytes.
fn over(state: &Hmac<Sha256>, head: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = state.clone();
    mac.update(head);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}
