//! The keys between two replacements.

use crate::bearer::key::Keys;

/// The keys between two replacements.
pub(in crate::bearer) struct Snapshot {
    pub(in crate::bearer) keys: Keys,
    /// Increases with every replacement that changes the keys. 0 without keys.
    pub(in crate::bearer) generation: u64,
}
