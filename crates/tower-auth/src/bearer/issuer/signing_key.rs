//! Private keys, as an application has them.

use std::fmt;

use tower_auth_core::Secret;

use crate::bearer::Algorithm;
use crate::bearer::backend::{Backend, KeyFault, Sign};
use crate::bearer::key::in_words;

pub(super) type Fault = &'static str;

const UNFIT: Fault = "is no private key for that algorithm, or not in PKCS#8";

/// A key that signs tokens, pinned to one algorithm.
///
/// It keeps what it was given; the issuer's [`build`](super::Builder::build) reads and checks it.
/// `Debug` shows its algorithm alone.
///
/// ```
/// use tower_auth::bearer::{Algorithm, JwtIssuer, SigningKey};
///
/// let issuer = JwtIssuer::builder("https://id.example", "https://api.example")
///     .signing_key("2026-02", SigningKey::generated())
///     .signing_key("2026-01", SigningKey::from_secret(Algorithm::HS256, [7; 32]))
///     .build()?;
/// # Ok::<_, tower_auth::bearer::issuer::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct SigningKey {
    algorithm: Algorithm,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Generated,
    Secret(Secret<Vec<u8>>),
    Pem(Secret<Vec<u8>>),
    Der(Secret<Vec<u8>>),
}

impl SigningKey {
    /// A private key in PEM: PKCS#8 (`PRIVATE KEY`), or `RSA PRIVATE KEY`.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Self {
        Self { algorithm, material: Material::Pem(Secret::new(pem.as_ref().to_vec())) }
    }

    /// A private key in DER: PKCS#8, or PKCS#1 for RSA.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Self {
        Self { algorithm, material: Material::Der(Secret::new(der.as_ref().to_vec())) }
    }

    /// A secret shared with those who check the tokens, for HS256, HS384 or HS512: random, and at least
    /// as long as the hash, as for [`Key::from_secret`](crate::bearer::Key::from_secret). Whoever can
    /// check such a token can make one.
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Self {
        Self { algorithm, material: Material::Secret(Secret::new(secret.as_ref().to_vec())) }
    }

    /// A new ES256 key, made when the issuer is built and gone with it.
    pub const fn generated() -> Self {
        Self { algorithm: Algorithm::ES256, material: Material::Generated }
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The secret, if it is one.
    pub(super) fn secret(&self) -> Option<&[u8]> {
        match &self.material {
            Material::Secret(secret) => Some(secret.expose()),
            _ => None,
        }
    }

    pub(super) fn read(&self, backend: Backend) -> Result<Box<dyn Sign>, Fault> {
        let in_words = |fault| match fault {
            KeyFault::Unfit => UNFIT,
            fault => in_words(fault),
        };
        match &self.material {
            Material::Generated => backend.generate().ok_or("could not be generated"),
            Material::Secret(secret) => {
                backend.sign_by_secret(self.algorithm, secret.expose()).map_err(in_words)
            }
            Material::Der(der) => backend.private(self.algorithm, der.expose()).map_err(in_words),
            Material::Pem(pem) => {
                let pem = pem::parse(pem.expose()).map_err(|_| "is no PEM text")?;
                if !matches!(pem.tag(), "PRIVATE KEY" | "RSA PRIVATE KEY") {
                    return Err("is no PEM of a private key in PKCS#8");
                }
                let der = zeroize::Zeroizing::new(pem.into_contents());
                backend.private(self.algorithm, &der).map_err(in_words)
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
