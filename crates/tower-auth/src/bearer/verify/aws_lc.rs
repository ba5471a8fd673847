//! Verification by aws-lc, over keys that were parsed once.
//!
//! jsonwebtoken would parse the key on each call, and panics at the first one where none or two of
//! its back-ends are compiled in, which another crate of the same build decides. So its back-ends
//! are never called.

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents,
    RsaSubjectPublicKey, VerificationAlgorithm,
};
use jsonwebtoken::Algorithm;

use super::{Verify, disguise};

/// The one implementation of [`Verify`]. No `Debug`: it may hold a secret.
pub(in crate::bearer) struct AwsLc {
    algorithm: Algorithm,
    key: Key,
    thumbprint: [u8; 32],
}

#[allow(clippy::large_enum_variant, reason = "one for each key, behind an Arc already")]
enum Key {
    Public(ParsedPublicKey),
    Secret(hmac::Key),
}

/// Why bytes are no key for an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bearer) enum KeyFault {
    /// Another kind of key than the algorithm's, or no key at all.
    Unfit,
    /// A shared secret shorter than the hash, or an RSA modulus below 2048 bits.
    TooShort,
    /// A public key, in some spelling, that was given as a shared secret.
    PublicAsSecret,
}

impl AwsLc {
    /// A shared secret, at least as long as the hash (RFC 7518, 3.2).
    pub(in crate::bearer) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyFault> {
        let hash = hash_of(algorithm).ok_or(KeyFault::Unfit)?;
        if secret.len() < hash.digest_algorithm().output_len() {
            return Err(KeyFault::TooShort);
        }
        // A public key is known to all: signing with it as a secret is the oldest confusion.
        if disguise::is_public_key(secret) {
            return Err(KeyFault::PublicAsSecret);
        }
        let key = Key::Secret(hmac::Key::new(hash, secret));
        Ok(Self { algorithm, key, thumbprint: thumbprint(secret) })
    }

    /// A public key: X.509 `SubjectPublicKeyInfo`, PKCS#1 for RSA, or the raw point of a curve.
    pub(in crate::bearer) fn public(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyFault> {
        let parameters: &'static dyn VerificationAlgorithm = match kind(algorithm) {
            Kind::Rsa(parameters) => parameters,
            Kind::Ec(parameters) => parameters,
            Kind::Ed => &signature::ED25519,
            Kind::Other => return Err(KeyFault::Unfit),
        };
        let key = ParsedPublicKey::new(parameters, bytes).map_err(|_| KeyFault::Unfit)?;
        Self::parsed(algorithm, key)
    }

    /// An RSA public key from its modulus and exponent, without leading zeros.
    pub(in crate::bearer) fn rsa(
        algorithm: Algorithm,
        n: &[u8],
        e: &[u8],
    ) -> Result<Self, KeyFault> {
        let Kind::Rsa(parameters) = kind(algorithm) else {
            return Err(KeyFault::Unfit);
        };
        let key = RsaPublicKeyComponents { n, e }
            .to_parsed_public_key(parameters)
            .map_err(|_| KeyFault::Unfit)?;
        Self::parsed(algorithm, key)
    }

    fn parsed(algorithm: Algorithm, key: ParsedPublicKey) -> Result<Self, KeyFault> {
        let der: PublicKeyX509Der<'_> = key.as_der().map_err(|_| KeyFault::Unfit)?;
        if let Kind::Rsa(_) = kind(algorithm) {
            check_modulus(der.as_ref())?;
        }
        let thumbprint = thumbprint(der.as_ref());
        Ok(Self { algorithm, key: Key::Public(key), thumbprint })
    }
}

impl Verify for AwsLc {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn thumbprint(&self) -> [u8; 32] {
        self.thumbprint
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            Key::Public(key) => key.verify_sig(message, signature).is_ok(),
            Key::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

/// aws-lc checks the size only when it verifies; a layer that could never accept must not be built.
fn check_modulus(der: &[u8]) -> Result<(), KeyFault> {
    let key = RsaSubjectPublicKey::from_der(der).map_err(|_| KeyFault::Unfit)?;
    let modulus = key.modulus().big_endian_without_leading_zero();
    let bits = 8 * modulus.len() - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    match bits {
        2048..=8192 => Ok(()),
        ..2048 => Err(KeyFault::TooShort),
        _ => Err(KeyFault::Unfit),
    }
}

/// Identifies a key, whether it came as PEM, as a JWK or as a point.
fn thumbprint(key: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, key);
    let mut thumbprint = [0; 32];
    thumbprint.copy_from_slice(digest.as_ref());
    thumbprint
}

enum Kind {
    Rsa(&'static RsaParameters),
    Ec(&'static EcdsaVerificationAlgorithm),
    Ed,
    Other,
}

fn kind(algorithm: Algorithm) -> Kind {
    match algorithm {
        Algorithm::RS256 => Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Kind::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Kind::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Kind::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
        // `FIXED`: R and S side by side (RFC 7518, 3.4); DER is refused.
        Algorithm::ES256 => Kind::Ec(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Kind::Ec(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Kind::Ed,
        _ => Kind::Other,
    }
}

pub(in crate::bearer) fn hash_of(algorithm: Algorithm) -> Option<hmac::Algorithm> {
    match algorithm {
        Algorithm::HS256 => Some(hmac::HMAC_SHA256),
        Algorithm::HS384 => Some(hmac::HMAC_SHA384),
        Algorithm::HS512 => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}
