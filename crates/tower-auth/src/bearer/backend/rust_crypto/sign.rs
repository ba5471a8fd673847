//! Signing keys.

use rsa::pkcs1::{ALGORITHM_OID, DecodeRsaPrivateKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef};
use rsa::signature::Signer as _;
use rsa::traits::PublicKeyParts as _;

use super::hash::{Secret, sign_rsa};
use super::{KeyFault, Public, Sign, unfit};
use crate::bearer::Algorithm;
use crate::bearer::algorithm::Family;

/// A signing key. No `Debug`, since it holds a private key.
#[allow(clippy::large_enum_variant, reason = "a process has only a few")]
pub(super) enum Pair {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    Ed(ed25519_dalek::SigningKey),
    Rsa(Algorithm, rsa::PrivateKey),
    Hmac(Secret),
}

impl Pair {
    pub(super) fn generate() -> Option<Self> {
        // A random number is not a valid key once in 2^32. 128 failures in a row do not happen.
        (0..128).find_map(|_| {
            let number = zeroize::Zeroizing::new(crate::crypto::keys::random::<32>());
            p256::ecdsa::SigningKey::from_slice(&*number).ok().map(Self::P256)
        })
    }

    pub(super) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyFault> {
        Secret::new(algorithm, secret).map(Self::Hmac)
    }

    pub(super) fn read(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyFault> {
        match (algorithm.family(), algorithm) {
            (Family::Hmac, _) => Err(KeyFault::Unfit),
            (Family::Ec, Algorithm::ES256) => {
                let key = p256::SecretKey::from_pkcs8_der(der).map_err(unfit)?;
                Ok(Self::P256(key.into()))
            }
            (Family::Ec, Algorithm::ES384) => {
                let key = p384::SecretKey::from_pkcs8_der(der).map_err(unfit)?;
                Ok(Self::P384(key.into()))
            }
            (Family::Ec, _) => {
                let key = p521::SecretKey::from_pkcs8_der(der).map_err(unfit)?;
                Ok(Self::P521(key.into()))
            }
            (Family::Ed, _) => {
                ed25519_dalek::SigningKey::from_pkcs8_der(der).map(Self::Ed).map_err(unfit)
            }
            (Family::Rsa, _) => {
                let key = match PrivateKeyInfoRef::try_from(der) {
                    // As with public keys, a key for PSS only is refused.
                    Ok(info) if info.algorithm.oid == ALGORITHM_OID => {
                        info.try_into().map_err(unfit)
                    }
                    Ok(_) => Err(KeyFault::Unfit),
                    Err(_) => rsa::PrivateKey::from_pkcs1_der(der).map_err(unfit),
                };
                key.map(|key| Self::Rsa(algorithm, key))
            }
        }
    }
}

impl Sign for Pair {
    fn public(&self) -> Option<Public<'_>> {
        Some(match self {
            Self::Hmac(_) => return None,
            Self::P256(key) => {
                Public::Point(key.verifying_key().to_sec1_point(false).as_bytes().to_vec().into())
            }
            Self::P384(key) => {
                Public::Point(key.verifying_key().to_sec1_point(false).as_bytes().to_vec().into())
            }
            Self::P521(key) => {
                Public::Point(key.verifying_key().to_sec1_point(false).as_bytes().to_vec().into())
            }
            Self::Ed(key) => Public::Point(key.verifying_key().to_bytes().to_vec().into()),
            Self::Rsa(_, key) => Public::Rsa {
                n: key.n_bytes().into_vec().into(),
                e: key.e_bytes().into_vec().into(),
            },
        })
    }

    /// Signs the message. ECDSA's nonces are derived from key and message (RFC 6979), so no random
    /// source can disclose the key (JW-33).
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Hmac(key) => Some(key.sign(message)),
            Self::Rsa(algorithm, key) => sign_rsa(*algorithm, key, message),
            Self::Ed(key) => Some(key.try_sign(message).ok()?.to_vec()),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(message).ok()?;
                Some(signature.to_vec())
            }
            Self::P384(key) => {
                let signature: p384::ecdsa::Signature = key.try_sign(message).ok()?;
                Some(signature.to_vec())
            }
            Self::P521(key) => {
                let signature: p521::ecdsa::Signature = key.try_sign(message).ok()?;
                Some(signature.to_vec())
            }
        }
    }
}
