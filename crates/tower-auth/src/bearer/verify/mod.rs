//! Whether a signature is this key's: one trait, one implementation.

mod aws_lc;
mod disguise;

pub(super) use aws_lc::{AwsLc, KeyFault, hash_of};
use jsonwebtoken::Algorithm;

/// A key that can check signatures, prepared once and pinned to one algorithm.
pub(super) trait Verify: Send + Sync {
    /// The one algorithm that this key is for.
    fn algorithm(&self) -> Algorithm;

    /// Identifies the key: equal for equal keys, whatever they were read from.
    fn thumbprint(&self) -> [u8; 32];

    /// Whether `signature` is this key's over `message`. Never panics, whatever the bytes.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// The algorithm of a header's `alg`: exact, and nothing that is not a signature (JW-03).
///
/// `Ed25519` is RFC 9864's name for the one EdDSA that is supported.
pub(super) fn algorithm(name: &str) -> Option<Algorithm> {
    Some(match name {
        "HS256" => Algorithm::HS256,
        "HS384" => Algorithm::HS384,
        "HS512" => Algorithm::HS512,
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" | "Ed25519" => Algorithm::EdDSA,
        _ => return None,
    })
}
