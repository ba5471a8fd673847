//! Keys for one purpose. A layer derives them from the ring once, when it is built.

use hkdf::Hkdf;
use sha2::Sha256;
use tower_auth_core::Secret;

use super::bound::Bound;

/// The id of a key, which every value of the key contains. Not secret.
pub(crate) type KeyId = [u8; 4];

/// The ring's keys, derived for one purpose, newest first.
pub(crate) struct PurposeKeys(Box<[(KeyId, Secret<[u8; 32]>)]>);

impl PurposeKeys {
    pub(super) fn derive<'a>(
        keys: impl Iterator<Item = (KeyId, &'a [u8])>,
        bound: Bound<'_>,
    ) -> Self {
        Self(keys.map(|(id, key)| (id, expand(key, bound))).collect())
    }

    /// Returns the key that signs.
    pub(crate) fn newest(&self) -> (KeyId, &[u8; 32]) {
        let (id, key) = &self.0[0];
        (*id, key.expose())
    }

    /// Returns the key with this id, if the ring still has it.
    pub(crate) fn get(&self, id: KeyId) -> Option<&[u8; 32]> {
        self.0.iter().find(|(it, _)| *it == id).map(|(_, key)| key.expose())
    }

    /// Returns the ids of all keys.
    #[cfg(all(feature = "csrf", feature = "session"))]
    pub(crate) fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.0.iter().map(|(id, _)| *id)
    }

    /// Returns `true` if both have the same keys in the same order. Takes constant time for equal
    /// numbers of keys.
    #[cfg(feature = "refresh")]
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        use subtle::{Choice, ConstantTimeEq as _};
        let pairs = self.0.iter().zip(&other.0);
        let same = pairs.map(|((_, one), (_, other))| one.expose().ct_eq(other.expose()));
        self.0.len() == other.0.len() && same.fold(Choice::from(1), |all, it| all & it).into()
    }

    /// Returns all keys, for code that prepares a value from each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (KeyId, &[u8; 32])> {
        self.0.iter().map(|(id, key)| (*id, key.expose()))
    }
}

/// Derives a key with HKDF-SHA-256, without a salt because the keys are uniform.
pub(super) fn expand(key: &[u8], bound: Bound<'_>) -> Secret<[u8; 32]> {
    let mut out = [0; 32];
    // Expand fails only beyond 255 hashes of output.
    let expanded = Hkdf::<Sha256>::new(None, key).expand(&bound.info(), &mut out);
    debug_assert!(expanded.is_ok());
    Secret::new(out)
}
