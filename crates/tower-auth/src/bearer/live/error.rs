//! The error of replacing keys.

use std::fmt;

/// A JWK set that [`LiveKeys`](super::LiveKeys) do not accept. The text says why.
#[derive(Clone, PartialEq, Eq)]
pub struct KeySetError(String);

impl KeySetError {
    pub(super) fn new(fault: String) -> Self {
        Self(fault)
    }

    pub(super) fn duplicate(kid: String) -> Self {
        Self(format!(
            "has two different keys for one algorithm with the kid {kid:?}, so the signing key \
             would be ambiguous"
        ))
    }

    pub(super) fn unusable(skipped: usize, why: &str) -> Self {
        Self(match skipped {
            0 => "has no keys".into(),
            _ => format!("has no key that can verify a token here: {why}"),
        })
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the JWK set {}", self.0)
    }
}

impl std::error::Error for KeySetError {}

tower_auth_core::debug_as_report!(KeySetError);
