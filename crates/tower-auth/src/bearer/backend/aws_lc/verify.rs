//! Verifying keys.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents,
    RsaSubjectPublicKey, VerificationAlgorithm,
};

use super::{KeyFault, Public, Verify, check_ed25519, check_rsa, thumbprint, unfit};
use crate::bearer::Algorithm;

/// A verifying key. No `Debug`, since it may hold a secret.
pub(super) struct Key {
    algorithm: Algorithm,
    material: Material,
    thumbprint: [u8; 32],
}

#[allow(clippy::large_enum_variant, reason = "each key has one, already behind an Arc")]
enum Material {
    Public(ParsedPublicKey),
    Secret(hmac::Key),
}

impl Key {
    pub(super) fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyFault> {
        let key = hmac::Key::new(hash_of(algorithm).ok_or(KeyFault::Unfit)?, secret);
        Ok(Self { algorithm, material: Material::Secret(key), thumbprint: thumbprint(secret) })
    }

    pub(super) fn public(algorithm: Algorithm, key: &Public<'_>) -> Result<Self, KeyFault> {
        let kind = kind(algorithm).ok_or(KeyFault::Unfit)?;
        let key = match (key, &kind) {
            (Public::Der(bytes), kind) => ParsedPublicKey::new(kind.parameters(), bytes),
            (Public::Point(bytes), Kind::Ec(_) | Kind::Ed) => {
                ParsedPublicKey::new(kind.parameters(), bytes)
            }
            (Public::Rsa { n, e }, Kind::Rsa(parameters)) => {
                RsaPublicKeyComponents { n: &**n, e: &**e }.to_parsed_public_key(parameters)
            }
            _ => return Err(KeyFault::Unfit),
        };
        let key = key.map_err(unfit)?;
        let der: PublicKeyX509Der<'_> = key.as_der().map_err(unfit)?;
        let der = der.as_ref();
        match kind {
            // aws-lc checks the size only on verification.
            Kind::Rsa(_) => {
                let key = RsaSubjectPublicKey::from_der(der).map_err(unfit)?;
                let (n, e) = (key.modulus(), key.exponent());
                check_rsa(
                    n.big_endian_without_leading_zero(),
                    e.big_endian_without_leading_zero(),
                )?;
            }
            Kind::Ed => check_ed25519(der.last_chunk::<32>().ok_or(KeyFault::Unfit)?)?,
            Kind::Ec(_) => {}
        }
        let thumbprint = thumbprint(der);
        Ok(Self { algorithm, material: Material::Public(key), thumbprint })
    }
}

impl Verify for Key {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn thumbprint(&self) -> [u8; 32] {
        self.thumbprint
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Public(key) => key.verify_sig(message, signature).is_ok(),
            Material::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }

    #[cfg(test)]
    fn backend(&self) -> crate::bearer::Backend {
        crate::bearer::Backend::AwsLc
    }
}

enum Kind {
    Rsa(&'static RsaParameters),
    Ec(&'static EcdsaVerificationAlgorithm),
    Ed,
}

impl Kind {
    fn parameters(&self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Rsa(parameters) => *parameters,
            Self::Ec(parameters) => *parameters,
            Self::Ed => &signature::ED25519,
        }
    }
}

fn kind(algorithm: Algorithm) -> Option<Kind> {
    Some(match algorithm {
        Algorithm::RS256 => Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Kind::Rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Kind::Rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Kind::Rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Kind::Rsa(&signature::RSA_PSS_2048_8192_SHA512),
        // `FIXED` is R followed by S (RFC 7518, 3.4). DER is refused.
        Algorithm::ES256 => Kind::Ec(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Kind::Ec(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::ES512 => Kind::Ec(&signature::ECDSA_P521_SHA512_FIXED),
        Algorithm::EdDSA => Kind::Ed,
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => return None,
    })
}

pub(super) fn hash_of(algorithm: Algorithm) -> Option<hmac::Algorithm> {
    match algorithm {
        Algorithm::HS256 => Some(hmac::HMAC_SHA256),
        Algorithm::HS384 => Some(hmac::HMAC_SHA384),
        Algorithm::HS512 => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}
