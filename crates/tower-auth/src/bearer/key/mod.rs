//! The keys that tokens may be signed with.

mod document;
mod fault;
mod jwk;
mod keys;
mod pem;
mod skipped;

use std::fmt;
use std::sync::Arc;

use tower_auth_core::Secret;

pub(super) use fault::in_words;
pub(super) use jwk::read_set;
pub(super) use keys::{Entry, Keys, NoKey};
pub(super) use skipped::{Skipped, describe};

use super::Algorithm;
use super::backend::{Backend, Public, Verify};

/// A key that verifies tokens, pinned to one algorithm.
///
/// The layer's [`build`](super::BearerJwtLayerBuilder::build) reads and checks the key material. `Debug` shows
/// only the key's name, since the key may be a secret.
///
/// ```
/// use tower_auth::bearer::{Algorithm, BearerJwtLayer, Key};
///
/// let pem = "-----BEGIN PUBLIC KEY-----\n\
///     MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
///     -----END PUBLIC KEY-----\n";
/// let layer = BearerJwtLayer::builder("https://id.example", "https://api.example")
///     .algorithms([Algorithm::EdDSA])
///     .key(Key::from_pem(Algorithm::EdDSA, pem).kid("2026-01"))
///     .build()?;
/// # Ok::<_, tower_auth::bearer::BearerConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Key {
    kid: Option<String>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Secret(Algorithm, Secret<Vec<u8>>),
    Pem(Algorithm, Vec<u8>),
    Jwk(String),
    Ready(Arc<dyn Verify>),
}

impl fmt::Debug for Key {
    /// Shows only the name, since the key may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Key {
    /// Creates a key from a secret shared with the issuer, for HS256, HS384 or HS512.
    ///
    /// The secret must be random, and at least as long as the hash: 32, 48 or 64 bytes (RFC 7518,
    /// 3.2). A password is not suitable.
    ///
    /// A public key is refused in every known spelling: PEM, a line of OpenSSH, a JWK, DER or the
    /// point of a curve, each also in base64 or hexadecimal. The check cannot detect keys that look
    /// like random bytes: the 32 raw bytes of an Ed25519 key, a compressed point, a bare modulus.
    pub fn from_secret(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Self {
        Self::new(Material::Secret(algorithm, Secret::new(secret.as_ref().to_vec())))
    }

    /// Creates a key from a public key in PEM (`PUBLIC KEY`, or `RSA PUBLIC KEY`). RSA keys must
    /// have at least 2048 bits.
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Self {
        Self::new(Material::Pem(algorithm, pem.as_ref().to_vec()))
    }

    /// Creates a key from a JWK (RFC 7517), given as JSON.
    ///
    /// The key keeps its `kid`, and is used as its `use`, `key_ops` and `alg` allow. If it names no
    /// `alg`, it must fit exactly one of the layer's algorithms.
    pub fn from_jwk(json: impl Into<String>) -> Self {
        Self::new(Material::Jwk(json.into()))
    }

    pub(super) fn ready(verifier: Arc<dyn Verify>) -> Self {
        Self::new(Material::Ready(verifier))
    }

    /// Sets the key's name, which tokens have in their header as `kid`.
    ///
    /// A named key verifies only tokens with that name, compared exactly. A key without a name
    /// verifies tokens of its algorithm if it is the only key for that algorithm.
    pub fn kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    fn new(material: Material) -> Self {
        Self { kid: None, material }
    }

    /// Reads and checks the key. The error describes the problem.
    pub(super) fn prepare(self, allowed: &[Algorithm], backend: Backend) -> Result<Entry, String> {
        let (kid, issuer, verifier) = match self.material {
            Material::Ready(verifier) => (None, None, verifier),
            Material::Jwk(json) => {
                let jwk = jwk::read(&json, allowed, backend)?;
                (jwk.kid, jwk.issuer, jwk.verifier)
            }
            Material::Secret(algorithm, secret) => {
                (None, None, backend.secret(algorithm, secret.expose()).map_err(in_words)?)
            }
            Material::Pem(algorithm, pem) => {
                let der = pem::public(&pem)?;
                let verifier = backend.public(algorithm, &Public::Der(&der)).map_err(in_words)?;
                (None, None, verifier)
            }
        };
        if !allowed.contains(&verifier.algorithm()) {
            return Err("is for an algorithm that .algorithms does not name: add it there, or \
                        remove the key"
                .into());
        }
        Ok(Entry { kid: self.kid.map(Into::into).or(kid), issuer, verifier })
    }
}
