//! Creation of valid and invalid tokens with the cryptographic library alone, without code of this
//! module.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING,
    ECDSA_P521_SHA512_ASN1_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{AUDIENCE, ISSUER, NOW};

pub(super) const SECRET: [u8; 32] = [7; 32];

pub(super) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns valid claims with these changes: members are added, replaced, or (if null) removed.
pub(super) fn claims(changes: Value) -> String {
    let mut claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "exp": NOW + 300 });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims.to_string()
}

pub(super) fn good() -> String {
    claims(json!({}))
}

/// Returns `header.payload` for the texts as given.
pub(super) fn input(header: &str, payload: &str) -> String {
    format!("{}.{}", b64(header), b64(payload))
}

pub(super) fn join(input: &str, signature: impl AsRef<[u8]>) -> String {
    format!("{input}.{}", b64(signature))
}

pub(super) fn hmac_with(algorithm: hmac::Algorithm, secret: &[u8], input: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(algorithm, secret), input.as_bytes()).as_ref().to_vec()
}

/// Returns a token signed with the shared secret, with any header.
pub(super) fn hs(header: &str, payload: &str) -> String {
    let input = input(header, payload);
    join(&input, hmac_with(hmac::HMAC_SHA256, &SECRET, &input))
}

/// Like [`hs`], over a text in the place of header and payload.
pub(super) fn hs_over(input: &str) -> String {
    join(input, hmac_with(hmac::HMAC_SHA256, &SECRET, input))
}

/// Returns a token that [`shared`](super::shared) accepts, with changed claims.
pub(super) fn with(changes: Value) -> String {
    hs(r#"{"alg":"HS256"}"#, &claims(changes))
}

/// Returns a token that [`shared`](super::shared) accepts, with these members added verbatim,
/// including null, which [`with`] removes.
pub(super) fn adding(members: &str) -> String {
    raw(&good().replacen('{', &format!("{{{members},"), 1))
}

/// Returns a token that [`shared`](super::shared) accepts, with this text as claims.
pub(super) fn raw(payload: &str) -> String {
    hs(r#"{"alg":"HS256"}"#, payload)
}

/// Returns a token with valid claims and this header.
pub(super) fn under(header: &str) -> String {
    hs(header, &good())
}

pub(super) struct Rsa(pub(super) RsaKeyPair);
pub(super) struct Ec(EcdsaKeyPair, EcdsaKeyPair);
pub(super) struct Ed(pub(super) Ed25519KeyPair);

pub(super) fn rsa() -> &'static Rsa {
    static KEY: LazyLock<Rsa> =
        LazyLock::new(|| Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()));
    &KEY
}

pub(super) fn ec() -> &'static Ec {
    static KEY: LazyLock<Ec> = LazyLock::new(|| {
        Ec::generate(&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P256_SHA256_ASN1_SIGNING)
    });
    &KEY
}

/// Returns a key on P-521.
pub(super) fn ec521() -> &'static Ec {
    static KEY: LazyLock<Ec> = LazyLock::new(|| {
        Ec::generate(&ECDSA_P521_SHA512_FIXED_SIGNING, &ECDSA_P521_SHA512_ASN1_SIGNING)
    });
    &KEY
}

pub(super) fn ed() -> &'static Ed {
    static KEY: LazyLock<Ed> = LazyLock::new(|| Ed(Ed25519KeyPair::generate().unwrap()));
    &KEY
}

impl Rsa {
    pub(super) fn jwk(&self, kid: &str, alg: &str) -> String {
        let mut jwk = self.jwk_without_alg();
        jwk["alg"] = alg.into();
        jwk["kid"] = kid.into();
        jwk.to_string()
    }

    pub(super) fn jwk_without_alg(&self) -> Value {
        let key = self.0.public_key();
        let n = b64(key.modulus().big_endian_without_leading_zero());
        let e = b64(key.exponent().big_endian_without_leading_zero());
        json!({ "kty": "RSA", "n": n, "e": e })
    }

    pub(super) fn modulus(&self) -> Vec<u8> {
        self.0.public_key().modulus().big_endian_without_leading_zero().to_vec()
    }

    pub(super) fn pem(&self) -> String {
        let der = AsDer::as_der(self.0.public_key()).unwrap();
        pem::encode(&pem::Pem::new("PUBLIC KEY", der.as_ref()))
    }

    pub(super) fn sign_with(&self, padding: &'static dyn RsaEncoding, input: &str) -> Vec<u8> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(padding, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
        signature
    }

    pub(super) fn token(&self, header: &str, payload: &str) -> String {
        let input = input(header, payload);
        join(&input, self.sign_with(&RSA_PKCS1_SHA256, &input))
    }
}

impl Ec {
    fn generate(
        fixed: &'static EcdsaSigningAlgorithm,
        asn1: &'static EcdsaSigningAlgorithm,
    ) -> Self {
        let fixed = EcdsaKeyPair::generate(fixed).unwrap();
        let der = EcdsaKeyPair::from_pkcs8(asn1, fixed.to_pkcs8v1().unwrap().as_ref()).unwrap();
        Self(fixed, der)
    }

    pub(super) fn point(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    pub(super) fn jwk(&self, kid: &str) -> String {
        let point = &self.point()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let curve = if x.len() == 32 { "P-256" } else { "P-521" };
        json!({ "kty": "EC", "crv": curve, "kid": kid, "x": b64(x), "y": b64(y) }).to_string()
    }

    pub(super) fn pem(&self) -> String {
        let der = AsDer::as_der(self.0.public_key()).unwrap();
        pem::encode(&pem::Pem::new("PUBLIC KEY", der.as_ref()))
    }

    pub(super) fn private_pem(&self) -> String {
        pem::encode(&pem::Pem::new("PRIVATE KEY", self.0.to_pkcs8v1().unwrap().as_ref()))
    }

    pub(super) fn sign(&self, input: &str) -> Vec<u8> {
        self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap().as_ref().to_vec()
    }

    pub(super) fn sign_der(&self, input: &str) -> Vec<u8> {
        self.1.sign(&SystemRandom::new(), input.as_bytes()).unwrap().as_ref().to_vec()
    }

    pub(super) fn token(&self, header: &str, payload: &str) -> String {
        let input = input(header, payload);
        join(&input, self.sign(&input))
    }
}

impl Ed {
    pub(super) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    pub(super) fn jwk(&self, kid: &str) -> String {
        let x = b64(self.public());
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x }).to_string()
    }

    pub(super) fn pem(&self) -> String {
        let der = AsDer::as_der(self.0.public_key()).unwrap();
        pem::encode(&pem::Pem::new("PUBLIC KEY", der.as_ref()))
    }

    pub(super) fn token(&self, header: &str, payload: &str) -> String {
        let input = input(header, payload);
        join(&input, self.0.sign(input.as_bytes()))
    }
}
