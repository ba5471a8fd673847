//! Private keys in the forms that applications have.

use std::fmt;

use tower_auth_core::Secret;

use crate::bearer::Algorithm;
use crate::bearer::backend::{Backend, KeyFault, Sign};
use crate::bearer::key::in_words;

pub(super) type Fault = &'static str;

const UNFIT: Fault = "is not a private key for that algorithm, or not in PKCS#8";

/// A key that signs tokens, pinned to one algorithm.
///
/// The issuer's [`build`](super::JwtIssuerBuilder::build) reads and checks the key material.
/// `Debug` shows only the algorithm.
///
/// ```
/// use tower_auth::bearer::{Algorithm, JwtIssuer, SigningKey};
///
/// let issuer = JwtIssuer::builder("https://id.example", "https://api.example")
///     .signing_key("2026-02", SigningKey::generated())
///     .signing_key("2026-01", SigningKey::from_secret(Algorithm::HS256, [7; 32]))
///     .build()?;
/// # Ok::<_, tower_auth::bearer::issuer::IssuerConfigError>(())
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
    /// Creates a key from PEM: PKCS#8 (`PRIVATE KEY`), or `RSA PRIVATE KEY`.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Self {
        Self { algorithm, material: Material::Pem(Secret::new(pem.as_ref().to_vec())) }
    }

    /// Creates a key from DER: PKCS#8, or PKCS#1 for RSA.
    pub fn from_der(algorithm: Algorithm, der: impl AsRef<[u8]>) -> Self {
        Self { algorithm, material: Material::Der(Secret::new(der.as_ref().to_vec())) }
    }

    /// Creates a key from a secret shared with the services that verify the tokens, for HS256,
    /// HS384 or HS512.
    ///
    /// The secret is random, and at least as long as the hash, as for
    /// [`Key::from_secret`](crate::bearer::Key::from_secret). A service that can verify such a
    /// token can also create one.
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Self {
        Self { algorithm, material: Material::Secret(Secret::new(secret.as_ref().to_vec())) }
    }

    /// Generates an ES256 key when the issuer is built. The key exists only as long as the issuer.
    pub const fn generated() -> Self {
        Self { algorithm: Algorithm::ES256, material: Material::Generated }
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the secret, if this is a shared secret.
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
                let pem = pem::parse(pem.expose()).map_err(|_| "is not valid PEM")?;
                if !matches!(pem.tag(), "PRIVATE KEY" | "RSA PRIVATE KEY") {
                    return Err("is not the PEM of a private key in PKCS#8");
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
