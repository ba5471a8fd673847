//! The libraries that verify and create signatures: two traits, implemented for each enabled
//! library. Decisions that do not depend on the library are made here, once.

#[cfg(feature = "bearer")]
mod aws_lc;
mod curve25519;
mod der;
mod disguise;
#[cfg(feature = "bearer-rust-crypto")]
mod rust_crypto;
mod small_order;

use std::borrow::Cow;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::Algorithm;
use super::algorithm::{Curve, Family};

/// The library that verifies signatures, and creates those of a [`JwtIssuer`](super::JwtIssuer).
///
/// Both libraries pass the same tests. The default is aws-lc if it is enabled, and another crate of
/// the build can enable it with a feature. If the choice matters, name the library.
///
/// ```
/// use tower_auth::bearer::{Algorithm, Backend, BearerJwtLayer, Key};
///
/// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
///     .backend(Backend::default())
///     .algorithms([Algorithm::HS256])
///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
///     .build()?;
/// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// aws-lc, with feature `bearer`. The build needs a C compiler.
    #[cfg(feature = "bearer")]
    AwsLc,
    /// RustCrypto's crates and ed25519-dalek, with feature `bearer-rust-crypto`. The build needs no
    /// C compiler.
    #[cfg(feature = "bearer-rust-crypto")]
    RustCrypto,
}

impl Default for Backend {
    fn default() -> Self {
        #[cfg(feature = "bearer")]
        return Self::AwsLc;
        #[cfg(not(feature = "bearer"))]
        return Self::RustCrypto;
    }
}

/// A key that verifies signatures, prepared once and pinned to one algorithm.
pub(super) trait Verify: Send + Sync {
    /// Returns the algorithm of this key.
    fn algorithm(&self) -> Algorithm;

    /// Returns a digest that identifies the key. It is equal for equal keys in all formats and
    /// libraries.
    fn thumbprint(&self) -> [u8; 32];

    /// Returns `true` if `signature` is valid for `message` under this key. Never panics, for any
    /// bytes.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;

    #[cfg(test)]
    fn backend(&self) -> Backend;
}

/// A key that signs, prepared once and pinned to one algorithm.
pub(super) trait Sign: Send + Sync {
    /// Returns the public half, or `None` for a shared secret.
    fn public(&self) -> Option<Public<'_>>;

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>>;
}

/// A public key in the form in which it was given.
#[derive(Clone)]
pub(super) enum Public<'k> {
    /// X.509 `SubjectPublicKeyInfo`, or PKCS#1 for RSA.
    Der(&'k [u8]),
    /// RSA's modulus and exponent, without leading zeros.
    Rsa { n: Cow<'k, [u8]>, e: Cow<'k, [u8]> },
    /// A point: uncompressed on a curve of ECDSA, 32 bytes of Ed25519.
    Point(Cow<'k, [u8]>),
}

/// The reason why bytes are not a key for an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyFault {
    /// The bytes are a key of another kind, or not a key.
    Unfit,
    /// The shared secret is shorter than the hash, or the RSA modulus has less than 2048 bits.
    TooShort,
    /// A public key, in some spelling, was passed as a shared secret.
    PublicAsSecret,
}

/// The functions that each library implements. `Backend` has already checked secrets and public
/// keys. Private keys are PKCS#8, or PKCS#1 for RSA.
trait Library {
    fn secret(&self, algorithm: Algorithm, secret: &[u8]) -> Result<Arc<dyn Verify>, KeyFault>;
    fn public(&self, algorithm: Algorithm, key: &Public<'_>) -> Result<Arc<dyn Verify>, KeyFault>;
    fn sign_by_secret(
        &self,
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<Box<dyn Sign>, KeyFault>;
    fn private(&self, algorithm: Algorithm, der: &[u8]) -> Result<Box<dyn Sign>, KeyFault>;
    /// Generates a key for ES256.
    fn generate(&self) -> Option<Box<dyn Sign>>;
}

impl Backend {
    fn library(self) -> &'static dyn Library {
        match self {
            #[cfg(feature = "bearer")]
            Self::AwsLc => &aws_lc::AwsLc,
            #[cfg(feature = "bearer-rust-crypto")]
            Self::RustCrypto => &rust_crypto::RustCrypto,
        }
    }

    /// Prepares a shared secret, at least as long as the hash (RFC 7518, 3.2).
    pub(super) fn secret(
        self,
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<Arc<dyn Verify>, KeyFault> {
        self.check_secret(algorithm, secret)?;
        self.library().secret(algorithm, secret)
    }

    pub(super) fn public(
        self,
        algorithm: Algorithm,
        key: &Public<'_>,
    ) -> Result<Arc<dyn Verify>, KeyFault> {
        // Libraries guess the form of a key. Here each form has its own variant.
        let fits = match (algorithm.family(), key) {
            (Family::Rsa | Family::Ec | Family::Ed, Public::Der(der)) => der::is_sequence(der),
            (Family::Rsa, Public::Rsa { n, e }) => {
                // Checked before a library computes with the key, and so that a wrong size has its
                // own fault.
                check_rsa(n, e)?;
                true
            }
            (Family::Ec, Public::Point(point)) => {
                let fits = |curve: Curve| point.len() == curve.point_length();
                point.first() == Some(&4) && algorithm.curve().is_some_and(fits)
            }
            (Family::Ed, Public::Point(point)) => {
                check_ed25519(point)?;
                true
            }
            _ => false,
        };
        if fits { self.library().public(algorithm, key) } else { Err(KeyFault::Unfit) }
    }

    pub(super) fn sign_by_secret(
        self,
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<Box<dyn Sign>, KeyFault> {
        self.check_secret(algorithm, secret)?;
        self.library().sign_by_secret(algorithm, secret)
    }

    pub(super) fn private(
        self,
        algorithm: Algorithm,
        der: &[u8],
    ) -> Result<Box<dyn Sign>, KeyFault> {
        if algorithm.family() == Family::Hmac || !der::is_sequence(der) {
            return Err(KeyFault::Unfit);
        }
        // Only some libraries accept more zeros before the number than RFC 5915 allows.
        let is_too_long =
            |curve: Curve| der::private_number(der).is_some_and(|it| it.len() > curve.length);
        if algorithm.curve().is_some_and(is_too_long) {
            return Err(KeyFault::Unfit);
        }
        self.library().private(algorithm, der)
    }

    pub(super) fn generate(self) -> Option<Box<dyn Sign>> {
        self.library().generate()
    }

    fn check_secret(self, algorithm: Algorithm, secret: &[u8]) -> Result<(), KeyFault> {
        if algorithm.family() != Family::Hmac {
            return Err(KeyFault::Unfit);
        }
        if secret.len() < algorithm.hash_length() {
            return Err(KeyFault::TooShort);
        }
        // A public key is known to everyone. Accepting it as a secret is the classic algorithm
        // confusion attack.
        if disguise::is_public_key(self, secret) {
            return Err(KeyFault::PublicAsSecret);
        }
        Ok(())
    }

    /// Returns `true` if the bytes are an uncompressed point on this algorithm's curve.
    fn is_point(self, algorithm: Algorithm, bytes: &[u8]) -> bool {
        self.public(algorithm, &Public::Point(bytes.into())).is_ok()
    }
}

/// Checks the size of an RSA key, in bits. A layer with a key that never verifies must not be
/// built.
fn check_modulus(modulus: &[u8]) -> Result<(), KeyFault> {
    match bits(modulus) {
        2048..=8192 => Ok(()),
        ..2048 => Err(KeyFault::TooShort),
        _ => Err(KeyFault::Unfit),
    }
}

/// Checks that a signature can be valid under this modulus and exponent, both without leading
/// zeros.
///
/// Both must be odd, and the exponent must not be 1 nor exceed the 33 bits that libraries support.
/// One library would fail only when it verifies, and then refuse every token.
fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyFault> {
    check_modulus(modulus)?;
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let fits = is_odd(modulus) && is_odd(exponent) && (2..=33).contains(&bits(exponent));
    if fits { Ok(()) } else { Err(KeyFault::Unfit) }
}

/// Returns the bit length of a number without leading zero bytes.
fn bits(number: &[u8]) -> usize {
    8 * number.len() - number.first().map_or(0, |byte| byte.leading_zeros() as usize)
}

/// Checks that the bytes are a point of Ed25519 that can verify signatures.
fn check_ed25519(point: &[u8]) -> Result<(), KeyFault> {
    let fits = curve25519::is_point(point) && !small_order::is_small(point);
    if fits { Ok(()) } else { Err(KeyFault::Unfit) }
}

/// Returns the SHA-256 of a key's `SubjectPublicKeyInfo`, or of a secret.
fn thumbprint(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}
