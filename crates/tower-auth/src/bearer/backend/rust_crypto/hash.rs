//! The hashes of HMAC and of RSA's paddings.

use hmac::{Hmac, KeyInit as _, Mac as _};
use rsa::{PrivateKey, PublicKey};
use sha2::{Sha256, Sha384, Sha512};

use super::{KeyFault, unfit};
use crate::bearer::Algorithm;

/// An HMAC with its key set, cloned for each message.
pub(super) enum Secret {
    Hs256(Hmac<Sha256>),
    Hs384(Hmac<Sha384>),
    Hs512(Hmac<Sha512>),
}

impl Secret {
    pub(super) fn new(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyFault> {
        Ok(match algorithm {
            Algorithm::HS256 => Self::Hs256(Hmac::new_from_slice(secret).map_err(unfit)?),
            Algorithm::HS384 => Self::Hs384(Hmac::new_from_slice(secret).map_err(unfit)?),
            Algorithm::HS512 => Self::Hs512(Hmac::new_from_slice(secret).map_err(unfit)?),
            _ => return Err(KeyFault::Unfit),
        })
    }

    /// Compares the whole MAC in constant time. A truncated MAC is invalid.
    pub(super) fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        match self {
            Self::Hs256(key) => key.clone().chain_update(message).verify_slice(mac).is_ok(),
            Self::Hs384(key) => key.clone().chain_update(message).verify_slice(mac).is_ok(),
            Self::Hs512(key) => key.clone().chain_update(message).verify_slice(mac).is_ok(),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Hs256(key) => key.clone().chain_update(message).finalize().into_bytes().to_vec(),
            Self::Hs384(key) => key.clone().chain_update(message).finalize().into_bytes().to_vec(),
            Self::Hs512(key) => key.clone().chain_update(message).finalize().into_bytes().to_vec(),
        }
    }
}

/// Verifies an RSA signature. The signature is as long as the modulus, and the salt as long as the
/// hash (RFC 7518, 3.5).
pub(super) fn verify_rsa(
    algorithm: Algorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    match algorithm {
        Algorithm::RS256 => key.pkcs1v15_verify::<Sha256>(message, signature),
        Algorithm::RS384 => key.pkcs1v15_verify::<Sha384>(message, signature),
        Algorithm::RS512 => key.pkcs1v15_verify::<Sha512>(message, signature),
        Algorithm::PS256 => key.pss_verify::<Sha256>(message, signature),
        Algorithm::PS384 => key.pss_verify::<Sha384>(message, signature),
        Algorithm::PS512 => key.pss_verify::<Sha512>(message, signature),
        _ => return false,
    }
    .is_ok()
}

/// Signs with RSA, blinded with random numbers from the operating system.
pub(super) fn sign_rsa(algorithm: Algorithm, key: &PrivateKey, message: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        Algorithm::RS256 => key.pkcs1v15_sign::<Sha256>(message),
        Algorithm::RS384 => key.pkcs1v15_sign::<Sha384>(message),
        Algorithm::RS512 => key.pkcs1v15_sign::<Sha512>(message),
        Algorithm::PS256 => key.pss_sign::<Sha256>(message),
        Algorithm::PS384 => key.pss_sign::<Sha384>(message),
        Algorithm::PS512 => key.pss_sign::<Sha512>(message),
        _ => return None,
    }
    .ok()
}
