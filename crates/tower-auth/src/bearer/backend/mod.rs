//! The libraries that check and make signatures: two traits, and an implementation of each for every
//! library that is compiled in. What does not depend on the library is decided here, once.

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
use super::algorithm::Family;

/// The library that checks signatures, and makes those of a [`JwtIssuer`](super::JwtIssuer).
///
/// Both are held to the same tests. The default is aws-lc if it is compiled in, which another crate of
/// the build can decide by its features: name the library where that matters.
///
/// ```
/// use tower_auth::bearer::{Algorithm, Backend, BearerJwtLayer, Key};
///
/// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
///     .backend(Backend::default())
///     .algorithms([Algorithm::HS256])
///     .key(Key::from_secret(Algorithm::HS256, [7; 32]))
///     .build()?;
/// # Ok::<_, tower_auth::bearer::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// aws-lc, by feature `bearer`. Building it takes a C compiler.
    #[cfg(feature = "bearer")]
    AwsLc,
    /// RustCrypto's crates and ed25519-dalek, by feature `bearer-rust-crypto`: no C compiler is needed.
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

/// A key that can check signatures, prepared once and pinned to one algorithm.
pub(super) trait Verify: Send + Sync {
    /// The one algorithm that this key is for.
    fn algorithm(&self) -> Algorithm;

    /// Identifies the key: equal for equal keys, whatever they were read from, and by which library.
    fn thumbprint(&self) -> [u8; 32];

    /// Whether `signature` is this key's over `message`. Never panics, whatever the bytes.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;

    #[cfg(test)]
    fn backend(&self) -> Backend;
}

/// A key that signs, prepared once and pinned to one algorithm.
pub(super) trait Sign: Send + Sync {
    /// The public half; a shared secret has none.
    fn public(&self) -> Option<Public<'_>>;

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>>;
}

/// A public key, as it came.
#[derive(Clone)]
pub(super) enum Public<'k> {
    /// X.509 `SubjectPublicKeyInfo`, or PKCS#1 for RSA.
    Der(&'k [u8]),
    /// RSA's modulus and exponent, without leading zeros.
    Rsa { n: Cow<'k, [u8]>, e: Cow<'k, [u8]> },
    /// A point: uncompressed on P-256 and P-384, 32 bytes of Ed25519.
    Point(Cow<'k, [u8]>),
}

/// Why bytes are no key for an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyFault {
    /// Another kind of key than the algorithm's, or no key at all.
    Unfit,
    /// A shared secret shorter than the hash, or an RSA modulus below 2048 bits.
    TooShort,
    /// A public key, in some spelling, that was given as a shared secret.
    PublicAsSecret,
}

/// What a library implements. Secrets and public keys were looked at before; private keys are PKCS#8,
/// or PKCS#1 for RSA.
trait Library {
    fn secret(&self, algorithm: Algorithm, secret: &[u8]) -> Result<Arc<dyn Verify>, KeyFault>;
    fn public(&self, algorithm: Algorithm, key: &Public<'_>) -> Result<Arc<dyn Verify>, KeyFault>;
    fn sign_by_secret(
        &self,
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<Box<dyn Sign>, KeyFault>;
    fn private(&self, algorithm: Algorithm, der: &[u8]) -> Result<Box<dyn Sign>, KeyFault>;
    /// A new key for ES256.
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

    /// A shared secret, at least as long as the hash (RFC 7518, 3.2).
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
        // Libraries guess the form; here each has its own.
        let fits = match (algorithm.family(), key) {
            (Family::Rsa | Family::Ec | Family::Ed, Public::Der(der)) => der::is_sequence(der),
            (Family::Rsa, Public::Rsa { n, e }) => {
                // Before any library's arithmetic, and with the fault of its size.
                check_rsa(n, e)?;
                true
            }
            // Uncompressed: a 4, then both coordinates, each as long as the hash.
            (Family::Ec, Public::Point(point)) => {
                point.first() == Some(&4) && point.len() == 1 + 2 * algorithm.hash_length()
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
        // A public key is known to all: signing with it as a secret is the oldest confusion.
        if disguise::is_public_key(self, secret) {
            return Err(KeyFault::PublicAsSecret);
        }
        Ok(())
    }

    /// Whether these bytes are an uncompressed point that lies on this algorithm's curve.
    fn is_point(self, algorithm: Algorithm, bytes: &[u8]) -> bool {
        self.public(algorithm, &Public::Point(bytes.into())).is_ok()
    }
}

/// The sizes of RSA keys, in bits. A layer that could never accept must not be built.
fn check_modulus(modulus: &[u8]) -> Result<(), KeyFault> {
    match bits(modulus) {
        2048..=8192 => Ok(()),
        ..2048 => Err(KeyFault::TooShort),
        _ => Err(KeyFault::Unfit),
    }
}

/// A modulus and an exponent, both without leading zeros, with which a signature can be valid: both
/// are odd, the exponent is not 1, and it has the 33 bits at most that libraries compute with. One
/// library would find out only when it verifies, and refuse every token then.
fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyFault> {
    check_modulus(modulus)?;
    let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte & 1 == 1);
    let fits = is_odd(modulus) && is_odd(exponent) && (2..=33).contains(&bits(exponent));
    if fits { Ok(()) } else { Err(KeyFault::Unfit) }
}

/// The bits of a number without leading zero bytes.
fn bits(number: &[u8]) -> usize {
    8 * number.len() - number.first().map_or(0, |byte| byte.leading_zeros() as usize)
}

/// A point of Ed25519 that a signature can be checked with.
fn check_ed25519(point: &[u8]) -> Result<(), KeyFault> {
    let fits = curve25519::is_point(point) && !small_order::is_small(point);
    if fits { Ok(()) } else { Err(KeyFault::Unfit) }
}

/// Identifies a key by its `SubjectPublicKeyInfo`, or a secret by itself.
fn thumbprint(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}
