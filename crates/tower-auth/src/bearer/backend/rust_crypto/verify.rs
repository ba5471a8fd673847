//! Verifying keys.

use rsa::BoxedUint;
use rsa::pkcs1::{ALGORITHM_OID, DecodeRsaPublicKey as _};
use rsa::pkcs8::{DecodePublicKey, EncodePublicKey as _, SubjectPublicKeyInfoRef};
use rsa::traits::PublicKeyParts as _;

use super::hash::{Secret, verify_rsa};
use super::{KeyFault, Public, Verify, check_ed25519, check_rsa, thumbprint, unfit};
use crate::bearer::Algorithm;
use crate::bearer::algorithm::Family;

/// A verifying key. No `Debug`, since it may hold a secret.
pub(super) struct Key {
    algorithm: Algorithm,
    material: Material,
    thumbprint: [u8; 32],
}

#[allow(clippy::large_enum_variant, reason = "each key has one, already behind an Arc")]
enum Material {
    Secret(Secret),
    Rsa(rsa::PublicKey),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    P521(p521::ecdsa::VerifyingKey),
    Ed(ed25519_dalek::VerifyingKey),
}

impl Key {
    pub(super) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyFault> {
        let key = Secret::new(algorithm, secret)?;
        Ok(Self { algorithm, material: Material::Secret(key), thumbprint: thumbprint(secret) })
    }

    pub(super) fn public(algorithm: Algorithm, key: &Public<'_>) -> Result<Self, KeyFault> {
        let (material, der) = match (algorithm.family(), algorithm) {
            (Family::Rsa, _) => {
                let key = rsa(key)?;
                check_rsa(&key.n_bytes(), &key.e_bytes())?;
                let der = key.to_public_key_der();
                (Material::Rsa(key), der)
            }
            (Family::Ec, Algorithm::ES256) => {
                let key = read(key, p256::PublicKey::from_sec1_bytes)?;
                (Material::P256(key.into()), key.to_public_key_der())
            }
            (Family::Ec, Algorithm::ES384) => {
                let key = read(key, p384::PublicKey::from_sec1_bytes)?;
                (Material::P384(key.into()), key.to_public_key_der())
            }
            (Family::Ec, _) => {
                let key = read(key, p521::PublicKey::from_sec1_bytes)?;
                (Material::P521(key.into()), key.to_public_key_der())
            }
            (Family::Ed, _) => {
                let key = read(key, |point| ed25519_dalek::VerifyingKey::try_from(point))?;
                check_ed25519(key.as_bytes())?;
                let der = key.to_public_key_der();
                (Material::Ed(key), der)
            }
            (Family::Hmac, _) => return Err(KeyFault::Unfit),
        };
        let thumbprint = thumbprint(der.map_err(unfit)?.as_bytes());
        Ok(Self { algorithm, material, thumbprint })
    }
}

impl Verify for Key {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn thumbprint(&self) -> [u8; 32] {
        self.thumbprint
    }

    /// Verifies a signature. Signatures of curves have a fixed length, R followed by S (RFC 7518,
    /// 3.4). DER is refused.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        use rsa::signature::Verifier as _;
        match &self.material {
            Material::Secret(key) => key.verify(message, signature),
            Material::Rsa(key) => verify_rsa(self.algorithm, key, message, signature),
            Material::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|it| key.verify(message, &it).is_ok()),
            Material::P384(key) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|it| key.verify(message, &it).is_ok()),
            Material::P521(key) => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|it| key.verify(message, &it).is_ok()),
            Material::Ed(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|it| key.verify_strict(message, &it).is_ok()),
        }
    }

    #[cfg(test)]
    fn backend(&self) -> crate::bearer::Backend {
        crate::bearer::Backend::RustCrypto
    }
}

/// Reads a key of a curve, with `point` if it is a point.
fn read<K: DecodePublicKey, E>(
    key: &Public<'_>,
    point: fn(&[u8]) -> Result<K, E>,
) -> Result<K, KeyFault> {
    match key {
        Public::Der(der) => K::from_public_key_der(der).map_err(unfit),
        Public::Point(bytes) => point(bytes).map_err(unfit),
        Public::Rsa { .. } => Err(KeyFault::Unfit),
    }
}

/// Reads an RSA key. The crate's minimum size is lower than ours, which is checked afterwards.
fn rsa(key: &Public<'_>) -> Result<rsa::PublicKey, KeyFault> {
    match key {
        Public::Der(der) => match SubjectPublicKeyInfoRef::try_from(*der) {
            Ok(info) => {
                // A key for PSS only has its own algorithm identifier, which is not supported.
                // The parameters must be absent or NULL.
                let nothing = info.algorithm.parameters.is_none_or(|it| it.is_null());
                let key = info.subject_public_key.as_bytes().filter(|_| nothing);
                let key = key.filter(|_| info.algorithm.oid == ALGORITHM_OID);
                rsa::PublicKey::from_pkcs1_der(key.ok_or(KeyFault::Unfit)?).map_err(unfit)
            }
            Err(_) => rsa::PublicKey::from_pkcs1_der(der).map_err(unfit),
        },
        Public::Rsa { n, e } => {
            let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
            rsa::PublicKey::new(number(n), number(e)).map_err(unfit)
        }
        Public::Point(_) => Err(KeyFault::Unfit),
    }
}
