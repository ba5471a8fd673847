//! Detection of public keys that are passed as a shared secret, in any spelling: PEM, OpenSSH, JWK
//! (in JSON and similar notations such as YAML), XML, DER, a curve's point, each also in base64 or
//! hexadecimal.
//!
//! The raw 32 bytes of an Ed25519 key, a compressed point and a bare modulus look like random bytes
//! and are not detected. Copies are wiped, since the examined bytes usually are a secret.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use zeroize::Zeroizing;

use super::Backend;
use super::der::{SEQUENCE, element};
use crate::bearer::Algorithm;

/// The maximum number of encodings around a key.
const LAYERS: u8 = 3;
/// The minimum length of a text that could hold an encoded key.
const SHORTEST: usize = 40;

/// The maximum number of positions in a text that are tried as the start of JSON.
const STARTS: usize = 64;

/// Returns `true` if the secret is a public key. `backend` checks the points of curves.
pub(super) fn is_public_key(backend: Backend, secret: &[u8]) -> bool {
    Search(backend).is_key(secret, LAYERS)
}

#[derive(Clone, Copy)]
struct Search(Backend);

impl Search {
    fn is_key(self, bytes: &[u8], layers: u8) -> bool {
        if is_der(bytes) || self.is_point(bytes) || is_ssh_blob(bytes) {
            return true;
        }
        self.is_key_text(text(bytes).trim_matches('\u{feff}'), layers)
    }

    fn is_key_text(self, text: &str, layers: u8) -> bool {
        // This includes private keys in PEM, since they contain the public part.
        if text.contains("-----BEGIN") || text.contains("---- BEGIN SSH2") || is_ssh_line(text) {
            return true;
        }
        if is_xml(text) || names_public_type(text) {
            return true;
        }
        let text = text.trim();
        // There may be other text with brackets before the JSON, and text after it: `[main]
        // JWK={…};`.
        let is_jwk = |(at, _): (usize, &str)| {
            let json = serde_json::Deserializer::from_str(&text[at..]);
            let first = json.into_iter::<Value>().next();
            first.is_some_and(|it| it.is_ok_and(|json| self.is_jwk(&json)))
        };
        if text.match_indices(['{', '[', '"']).take(STARTS).any(is_jwk) {
            return true;
        }
        let Some(layers) = layers.checked_sub(1) else { return false };
        // Tries the text as a whole without separators, then each word: a key may be quoted,
        // prefixed, or on a line with other words.
        let unescaped = Zeroizing::new(text.replace("\\n", "").replace("\\r", ""));
        let joined = unescaped.chars().filter(|it| !it.is_whitespace() && *it != ':');
        let joined = Zeroizing::new(joined.collect::<String>());
        let words = text.split(|it: char| !is_encoding(it)).filter(|word| word.len() >= SHORTEST);
        std::iter::once(joined.as_str())
            .chain(words)
            .flat_map(decodings)
            .any(|decoded| self.is_key(&decoded, layers))
    }

    /// Returns `true` for a key that is not secret, or a value that holds one.
    fn is_jwk(self, json: &Value) -> bool {
        match json {
            Value::Object(members) => match members.get("kty") {
                Some(kty) => kty != "oct",
                None => members.values().any(|value| self.is_jwk(value)),
            },
            Value::Array(keys) => keys.iter().any(|key| self.is_jwk(key)),
            // A quoted text, possibly with escapes.
            Value::String(text) => self.is_key_text(text, 1),
            _ => false,
        }
    }

    /// Returns `true` for an uncompressed point that lies on its curve. Random bytes do not.
    fn is_point(self, bytes: &[u8]) -> bool {
        Algorithm::EC.into_iter().any(|algorithm| {
            let parts =
                algorithm.curve().and_then(|curve| bytes.split_at_checked(curve.point_length()));
            parts.is_some_and(|(point, after)| is_space(after) && self.0.is_point(algorithm, point))
        })
    }
}

/// Decodes the bytes as text. Invalid bytes do not hide the rest. NUL bytes come from UTF-16
/// without a byte order mark.
fn text(bytes: &[u8]) -> Zeroizing<String> {
    let units = |read: fn([u8; 2]) -> u16, bytes: &[u8]| -> String {
        let pairs = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(pairs).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let text = Zeroizing::new(match bytes {
        [0xff, 0xfe, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => units(u16::from_be_bytes, rest),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    });
    Zeroizing::new(text.replace('\0', ""))
}

/// Returns `true` for the XML Signature notation of an RSA key, which .NET writes.
fn is_xml(text: &str) -> bool {
    text.contains("RSAKeyValue") || text.contains("<Modulus>")
}

/// Returns `true` if a text names a key type that is not secret, in a notation of names and values
/// that need not be JSON: `kty: RSA`, `'kty' => 'EC'`, or quoted JSON.
fn names_public_type(text: &str) -> bool {
    const NAME: &str = "kty";
    if !text.contains(NAME) {
        return false;
    }
    let text = Zeroizing::new(text.replace("\\n", "\n").replace("\\r", "\n"));
    let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let is_between = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '\\');
    text.match_indices(NAME).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + NAME.len()..]);
        if before.ends_with(is_word) || after.starts_with(is_word) {
            return false;
        }
        let Some(value) = after.trim_start_matches(is_between).strip_prefix([':', '=']) else {
            return false;
        };
        let value = value.strip_prefix('>').unwrap_or(value).trim_start_matches(is_between);
        let value = value.split(|it| !is_word(it)).next().unwrap_or_default();
        !value.is_empty() && value != "oct"
    })
}

fn is_encoding(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_' | '=')
}

fn decodings(word: &str) -> impl Iterator<Item = Zeroizing<Vec<u8>>> + use<> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let base64 = [STANDARD, URL_SAFE]
        .map(|alphabet| GeneralPurpose::new(&alphabet, LENIENT).decode(word).ok());
    base64.into_iter().chain([hexadecimal(word)]).flatten().map(Zeroizing::new)
}

fn hexadecimal(word: &str) -> Option<Vec<u8>> {
    let word = word.strip_prefix("0x").unwrap_or(word).as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8]| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok();
    word.len().is_multiple_of(2).then(|| word.chunks_exact(2).map(byte).collect())?
}

const SSH_KINDS: [&str; 4] = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"];

/// Returns `true` for `ssh-ed25519 AAAA… comment`, possibly with options before it.
fn is_ssh_line(text: &str) -> bool {
    let is_kind = |word: &str| SSH_KINDS.iter().any(|kind| word.starts_with(kind));
    let mut words = text.split_ascii_whitespace().peekable();
    let mut first = true;
    while let Some(word) = words.next() {
        let key_follows = words.peek().is_some_and(|next| next.starts_with("AAAA"));
        if is_kind(word) && (first || key_follows) {
            return true;
        }
        first = false;
    }
    false
}

/// Returns `true` for the bytes that an OpenSSH line holds in base64. They begin with the kind,
/// after its length.
fn is_ssh_blob(bytes: &[u8]) -> bool {
    bytes.split_first_chunk::<4>().is_some_and(|(length, rest)| {
        let length = u32::from_be_bytes(*length) as usize;
        let kind = rest.get(..length).unwrap_or_default();
        SSH_KINDS.iter().any(|known| kind.starts_with(known.as_bytes()))
    })
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;

/// Returns `true` if only whitespace follows a key in a file. The key is not trimmed, because its
/// own last byte may be one of these.
fn is_space(after: &[u8]) -> bool {
    after.trim_ascii_start().is_empty()
}

/// Returns `true` for the structure of `SubjectPublicKeyInfo`, `RSAPublicKey` (PKCS#1) or a
/// certificate.
fn is_der(bytes: &[u8]) -> bool {
    let Some((SEQUENCE, inside, after)) = element(bytes) else { return false };
    if !is_space(after) {
        return false;
    }
    match element(inside) {
        Some((INTEGER, modulus, rest)) => {
            let exponent = element(rest);
            modulus.len() >= 64 && matches!(exponent, Some((INTEGER, e, [])) if e.len() <= 8)
        }
        Some((SEQUENCE, first, rest)) => match element(rest) {
            // The algorithm, then the key.
            Some((BIT_STRING, _, [])) => matches!(element(first), Some((OID, ..))),
            // The signed part, the algorithm, then the signature.
            Some((SEQUENCE, algorithm, rest)) => {
                matches!(element(algorithm), Some((OID, ..)))
                    && matches!(element(rest), Some((BIT_STRING, _, [])))
            }
            _ => false,
        },
        _ => false,
    }
}
