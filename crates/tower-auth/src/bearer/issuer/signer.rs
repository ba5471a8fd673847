//! Keys that sign, prepared once.

use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, AlgorithmFamily, EncodingKey};
use serde_json::{Value, json};

use crate::bearer::verify::{AwsLc, Verify, hash_of};

/// One key of the ring. No `Debug`.
pub(super) struct Signer {
    kid: String,
    key: Pair,
    verifier: Arc<dyn Verify>,
    /// The start of every token: `base64url(header) .`
    header: String,
    jwk: Option<Value>,
}

#[allow(clippy::large_enum_variant, reason = "a handful in all")]
enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Hmac(hmac::Key),
}

/// The header's `typ`: `at+jwt` or `JWT`.
pub(super) type Type = &'static str;

pub(super) type Fault = &'static str;

const UNFIT: Fault = "is no private key for that algorithm, or not in PKCS#8";

impl Signer {
    /// A key pair on P-256, made here and gone with the process.
    pub(super) fn generate(kid: String, typ: Type) -> Result<Self, Fault> {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| "could not be generated")?;
        Self::new(kid, Algorithm::ES256, typ, Pair::Ec(pair), None)
    }

    /// PKCS#8, or PKCS#1 for RSA; raw bytes for a shared secret.
    pub(super) fn read(
        kid: String,
        algorithm: Algorithm,
        typ: Type,
        key: &EncodingKey,
    ) -> Result<Self, Fault> {
        let bytes = key.as_bytes();
        if !key.family().algorithms().contains(&algorithm) {
            return Err(UNFIT);
        }
        let (pair, secret) = match key.family() {
            AlgorithmFamily::Hmac => {
                let hash = hash_of(algorithm).ok_or(UNFIT)?;
                (Pair::Hmac(hmac::Key::new(hash, bytes)), Some(bytes))
            }
            AlgorithmFamily::Ec => {
                let curve = curve(algorithm).ok_or(UNFIT)?;
                (Pair::Ec(EcdsaKeyPair::from_pkcs8(curve, bytes).map_err(|_| UNFIT)?), None)
            }
            AlgorithmFamily::Ed => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).map_err(|_| UNFIT)?;
                (Pair::Ed(pair), None)
            }
            AlgorithmFamily::Rsa => {
                let pair = RsaKeyPair::from_pkcs8(bytes)
                    .or_else(|_| RsaKeyPair::from_der(bytes))
                    .map_err(|_| UNFIT)?;
                (Pair::Rsa(pair, padding(algorithm).ok_or(UNFIT)?), None)
            }
        };
        Self::new(kid, algorithm, typ, pair, secret)
    }

    fn new(
        kid: String,
        algorithm: Algorithm,
        typ: Type,
        key: Pair,
        secret: Option<&[u8]>,
    ) -> Result<Self, Fault> {
        let verifier = match (&key, secret) {
            (Pair::Hmac(_), secret) => AwsLc::secret(algorithm, secret.unwrap_or_default()),
            (Pair::Ec(pair), _) => AwsLc::public(algorithm, pair.public_key().as_ref()),
            (Pair::Ed(pair), _) => AwsLc::public(algorithm, pair.public_key().as_ref()),
            (Pair::Rsa(pair, _), _) => AwsLc::public(algorithm, pair.public_key().as_ref()),
        };
        let verifier = verifier.map_err(crate::bearer::key::in_words)?;
        let name = name(algorithm).ok_or(UNFIT)?;
        let header = json!({ "alg": name, "kid": kid, "typ": typ }).to_string();
        let signer = Self {
            header: format!("{}.", URL_SAFE_NO_PAD.encode(header)),
            jwk: jwk(&key, name, &kid),
            verifier: Arc::new(verifier),
            kid,
            key,
        };
        // Fails here and now, not at the first token.
        let probe = b"tower-auth self-check";
        match signer.sign(probe) {
            Some(signature) if signer.verifier.verify(probe, &signature) => Ok(signer),
            _ => Err("does not verify what it signs"),
        }
    }

    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.verifier.algorithm()
    }

    pub(super) fn verifier(&self) -> Arc<dyn Verify> {
        self.verifier.clone()
    }

    pub(super) fn jwk(&self) -> Option<&Value> {
        self.jwk.as_ref()
    }

    /// The token that holds these claims.
    pub(super) fn token(&self, claims: &str) -> Option<String> {
        let mut token = self.header.clone();
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Some(token)
    }

    /// aws-lc hedges the nonces of ECDSA: a weak random source alone does not lose the key (JW-33).
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.key {
            Pair::Ec(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Pair::Ed(pair) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
            Pair::Hmac(key) => Some(hmac::sign(key, message).as_ref().to_vec()),
            Pair::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

fn jwk(key: &Pair, alg: &str, kid: &str) -> Option<Value> {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let mut jwk = match key {
        Pair::Hmac(_) => return None,
        Pair::Ec(pair) => {
            // Uncompressed: a 4, then both coordinates.
            let point = pair.public_key().as_ref().get(1..)?;
            let (x, y) = point.split_at(point.len() / 2);
            let curve = if alg == "ES256" { "P-256" } else { "P-384" };
            json!({ "kty": "EC", "crv": curve, "x": text(x), "y": text(y) })
        }
        Pair::Ed(pair) => {
            json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
        }
        Pair::Rsa(pair, _) => {
            let key = pair.public_key();
            let n = key.modulus().big_endian_without_leading_zero();
            let e = key.exponent().big_endian_without_leading_zero();
            json!({ "kty": "RSA", "n": text(n), "e": text(e) })
        }
    };
    let members = jwk.as_object_mut()?;
    members.insert("alg".into(), alg.into());
    members.insert("kid".into(), kid.into());
    members.insert("use".into(), "sig".into());
    Some(jwk)
}

fn curve(algorithm: Algorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        Algorithm::ES256 => Some(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => Some(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        _ => None,
    }
}

fn padding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    Some(match algorithm {
        Algorithm::RS256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::RS384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::RS512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::PS256 => &signature::RSA_PSS_SHA256,
        Algorithm::PS384 => &signature::RSA_PSS_SHA384,
        Algorithm::PS512 => &signature::RSA_PSS_SHA512,
        _ => return None,
    })
}

fn name(algorithm: Algorithm) -> Option<&'static str> {
    let names = [
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
        "ES384", "EdDSA",
    ];
    names.into_iter().find(|name| crate::bearer::verify::algorithm(name) == Some(algorithm))
}
