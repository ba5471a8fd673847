//! Keys of each algorithm, which sign tokens.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tower_auth::bearer::Algorithm;

/// The id of every key.
pub(crate) const KEY_ID: &str = "2026-01";

/// The secret of HS256.
pub(crate) const SECRET: [u8; 32] = [7; 32];

pub(crate) enum Key {
    Secret(Box<hmac::Key>),
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// Creates a key; only that of HS256 is always the same.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::HS256 => Self::Secret(Box::new(hmac::Key::new(hmac::HMAC_SHA256, &SECRET))),
            Algorithm::RS256 => {
                Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("enough memory"))
            }
            Algorithm::ES256 => Self::Ecdsa(
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("enough memory"),
            ),
            _ => Self::Ed25519(Ed25519KeyPair::generate().expect("enough memory")),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Secret(key) => hmac::sign(key, message).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("signs");
                signature
            }
            Self::Ecdsa(pair) => pair.sign(&random, message).expect("signs").as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// Returns the JWK that verifies.
    pub(crate) fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (mut jwk, algorithm) = match self {
            Self::Secret(_) => (json!({"kty": "oct", "k": text(&SECRET)}), "HS256"),
            Self::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let jwk = json!({"kty": "RSA", "n": text(&public.n), "e": text(&public.e)});
                (jwk, "RS256")
            }
            Self::Ecdsa(pair) => {
                // An uncompressed point: 4, x, y.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                (json!({"kty": "EC", "crv": "P-256", "x": text(x), "y": text(y)}), "ES256")
            }
            Self::Ed25519(pair) => {
                let x = text(pair.public_key().as_ref());
                (json!({"kty": "OKP", "crv": "Ed25519", "x": x}), "EdDSA")
            }
        };
        jwk["alg"] = algorithm.into();
        jwk["kid"] = KEY_ID.into();
        jwk["use"] = "sig".into();
        jwk
    }
}
