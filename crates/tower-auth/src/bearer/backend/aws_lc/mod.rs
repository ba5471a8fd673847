//! The implementation with aws-lc, on keys that are parsed once.

mod sign;
mod verify;

use std::sync::Arc;

use super::{KeyFault, check_ed25519, check_rsa, thumbprint};
use super::{Library, Public, Sign, Verify};
use crate::bearer::Algorithm;

pub(super) struct AwsLc;

impl Library for AwsLc {
    fn secret(&self, algorithm: Algorithm, secret: &[u8]) -> Result<Arc<dyn Verify>, KeyFault> {
        Ok(Arc::new(verify::Key::secret(algorithm, secret)?))
    }

    fn public(&self, algorithm: Algorithm, key: &Public<'_>) -> Result<Arc<dyn Verify>, KeyFault> {
        Ok(Arc::new(verify::Key::public(algorithm, key)?))
    }

    fn sign_by_secret(
        &self,
        algorithm: Algorithm,
        secret: &[u8],
    ) -> Result<Box<dyn Sign>, KeyFault> {
        Ok(Box::new(sign::Pair::secret(algorithm, secret)?))
    }

    fn private(&self, algorithm: Algorithm, der: &[u8]) -> Result<Box<dyn Sign>, KeyFault> {
        Ok(Box::new(sign::Pair::read(algorithm, der)?))
    }

    fn generate(&self) -> Option<Box<dyn Sign>> {
        Some(Box::new(sign::Pair::generate()?))
    }
}

/// Maps every error that aws-lc returns for a key.
fn unfit<E>(_: E) -> KeyFault {
    KeyFault::Unfit
}
