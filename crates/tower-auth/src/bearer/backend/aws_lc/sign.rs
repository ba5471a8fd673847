//! Signing keys.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
    RsaKeyPair,
};

use super::verify::hash_of;
use super::{KeyFault, Public, Sign, unfit};
use crate::bearer::Algorithm;
use crate::bearer::algorithm::Family;

/// A signing key. No `Debug`, since it holds a private key.
#[allow(clippy::large_enum_variant, reason = "a process has only a few")]
pub(super) enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Hmac(hmac::Key),
}

impl Pair {
    pub(super) fn generate() -> Option<Self> {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING);
        pair.ok().map(Self::Ec)
    }

    pub(super) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyFault> {
        Ok(Self::Hmac(hmac::Key::new(hash_of(algorithm).ok_or(KeyFault::Unfit)?, secret)))
    }

    pub(super) fn read(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyFault> {
        match algorithm.family() {
            Family::Hmac => Err(KeyFault::Unfit),
            Family::Ec => {
                let curve = curve(algorithm).ok_or(KeyFault::Unfit)?;
                EcdsaKeyPair::from_pkcs8(curve, der).map(Self::Ec).map_err(unfit)
            }
            Family::Ed => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Self::Ed).map_err(unfit)
            }
            Family::Rsa => {
                let pair = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der));
                Ok(Self::Rsa(pair.map_err(unfit)?, padding(algorithm).ok_or(KeyFault::Unfit)?))
            }
        }
    }
}

impl Sign for Pair {
    fn public(&self) -> Option<Public<'_>> {
        Some(match self {
            Self::Hmac(_) => return None,
            Self::Ec(pair) => Public::Point(pair.public_key().as_ref().into()),
            Self::Ed(pair) => Public::Point(pair.public_key().as_ref().into()),
            Self::Rsa(pair, _) => Public::Rsa {
                n: pair.public_key().modulus().big_endian_without_leading_zero().into(),
                e: pair.public_key().exponent().big_endian_without_leading_zero().into(),
            },
        })
    }

    /// Signs the message. aws-lc hedges the nonces of ECDSA, so a weak random source alone does not
    /// disclose the key (JW-33).
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Ec(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Self::Ed(pair) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
            Self::Hmac(key) => Some(hmac::sign(key, message).as_ref().to_vec()),
            Self::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

fn curve(algorithm: Algorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        Algorithm::ES256 => Some(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::ES384 => Some(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::ES512 => Some(&signature::ECDSA_P521_SHA512_FIXED_SIGNING),
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
