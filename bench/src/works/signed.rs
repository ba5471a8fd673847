//! Tokens of each algorithm, with new keys.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair,
};
use jsonwebtoken_12::{Algorithm as Theirs, DecodingKey, jwk::Jwk};
use serde_json::Value;
use tower_auth::bearer::{Algorithm, SigningKey};
use tower_auth::{Identity, JwtIssuer};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
const SECRET: [u8; 32] = [7; 32];

/// One token, its issuer, and the key in aws-lc's parsed form.
pub(crate) struct Signed {
    pub(crate) algorithm: Algorithm,
    pub(crate) issuer: JwtIssuer,
    pub(crate) token: String,
    pub(crate) key: Key,
}

pub(crate) enum Key {
    Secret(Box<hmac::Key>),
    Public(ParsedPublicKey),
}

impl Signed {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        Self::with_role(algorithm, "admin")
    }

    /// Returns a token whose second role is this one.
    pub(crate) fn with_role(algorithm: Algorithm, role: &str) -> Self {
        let (private, key) = pair(algorithm);
        let issuer = JwtIssuer::builder(ISSUER, AUDIENCE)
            .client_id("web")
            .signing_key("2026-01", private)
            .build()
            .expect("a key of this algorithm");
        let alice = Identity::local("alice")
            .scope("reports:read")
            .scope("reports:write")
            .role("user")
            .role(role)
            .build();
        let token = issuer.mint(&alice).expect("the key signs").text;
        Self { algorithm, issuer, token, key }
    }

    pub(crate) fn their_algorithm(&self) -> Theirs {
        self.algorithm.name().parse().expect("a known algorithm")
    }

    /// Returns the same key for the JWT crate.
    pub(crate) fn decoding_key(&self) -> DecodingKey {
        if self.algorithm == Algorithm::HS256 {
            return DecodingKey::from_secret(&SECRET).expect("a secret");
        }
        let set: Value = serde_json::from_str(self.issuer.jwks()).expect("valid JSON");
        let key: Jwk = serde_json::from_value(set["keys"][0].clone()).expect("a JWK");
        DecodingKey::from_jwk(&key).expect("a public key")
    }
}

fn pair(algorithm: Algorithm) -> (SigningKey, Key) {
    let private = |der: &[u8]| SigningKey::from_der(algorithm, der);
    let parsed = |algorithm, public: &[u8]| {
        Key::Public(ParsedPublicKey::new(algorithm, public).expect("a key of aws-lc"))
    };
    match algorithm {
        Algorithm::HS256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
            (SigningKey::from_secret(algorithm, SECRET), Key::Secret(Box::new(key)))
        }
        Algorithm::RS256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("enough memory");
            let der = pair.as_der().expect("an encodable key");
            let public = parsed(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
            (private(der.as_ref()), public)
        }
        Algorithm::ES256 => {
            let pair =
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("enough memory");
            let der = pair.to_pkcs8v1().expect("an encodable key");
            let public = parsed(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
            (private(der.as_ref()), public)
        }
        _ => {
            let pair = Ed25519KeyPair::generate().expect("enough memory");
            let der = pair.to_pkcs8v1().expect("an encodable key");
            let public = parsed(&ED25519, pair.public_key().as_ref());
            (private(der.as_ref()), public)
        }
    }
}
