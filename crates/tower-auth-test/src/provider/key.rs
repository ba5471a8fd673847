//! The keys of a provider.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use serde_json::{Value, json};

/// The algorithm of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// ECDSA on P-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl KeyAlgorithm {
    /// Returns the name that tokens and keys have in `alg`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// A key pair with a name.
#[derive(Clone)]
pub(super) struct TestKey {
    pub(super) kid: String,
    pair: Pair,
}

#[derive(Clone)]
enum Pair {
    P256(p256::ecdsa::SigningKey),
    Ed(ed25519_dalek::SigningKey),
}

impl TestKey {
    pub(super) fn generate(kid: String, algorithm: KeyAlgorithm) -> Self {
        let pair = match algorithm {
            KeyAlgorithm::ES256 => Pair::P256(
                // A random number is not a valid key once in 2^32.
                std::iter::repeat_with(random)
                    .find_map(|number| p256::ecdsa::SigningKey::from_slice(&number).ok())
                    .expect("the iterator is endless"),
            ),
            KeyAlgorithm::EdDSA => Pair::Ed(ed25519_dalek::SigningKey::from_bytes(&random())),
        };
        Self { kid, pair }
    }

    pub(super) const fn algorithm(&self) -> KeyAlgorithm {
        match self.pair {
            Pair::P256(_) => KeyAlgorithm::ES256,
            Pair::Ed(_) => KeyAlgorithm::EdDSA,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.pair {
            Pair::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_bytes().to_vec()
            }
            Pair::Ed(key) => key.sign(message).to_bytes().to_vec(),
        }
    }

    /// Returns the public JWK.
    pub(super) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::P256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                // The first byte says that both coordinates follow.
                let (x, y) = point.as_bytes()[1..].split_at(32);
                json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) })
            }
            Pair::Ed(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key.verifying_key().as_bytes()) })
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.algorithm().as_str());
        jwk["use"] = json!("sig");
        jwk
    }

    /// Returns the JWK with its private part.
    pub(super) fn private_jwk(&self) -> Value {
        let mut jwk = self.jwk();
        jwk["d"] = json!(match &self.pair {
            Pair::P256(key) => encode(&key.to_bytes()),
            Pair::Ed(key) => encode(key.as_bytes()),
        });
        jwk
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns random bytes, so that two providers never share a key.
#[expect(clippy::disallowed_methods, reason = "no other crate's random source is within reach")]
fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}
