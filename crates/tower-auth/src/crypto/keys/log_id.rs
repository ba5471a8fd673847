//! Ids of records for logs.

use tower_auth_core::Secret;
use tower_auth_core::event::LogId;
use tower_auth_core::store::{RecordId, RecordKind};

use super::{KeyRing, Purpose};

/// Computes the ids of records in logs, with a key of the ring.
///
/// All layers with the same ring use the same id for a record, on every node and after a restart.
/// The newest key is used, so an id changes once when a new key is put first, and not when an old
/// key is dropped.
pub(crate) struct LogIds(Secret<[u8; 32]>);

impl LogIds {
    pub(crate) fn new(ring: &KeyRing) -> Self {
        Self(Secret::new(*ring.derive(Purpose::LogId.anywhere()).newest().1))
    }

    pub(crate) fn of(&self, kind: RecordKind, id: &RecordId) -> LogId {
        let mut key = [kind as u8; 17];
        key[1..].copy_from_slice(id.as_bytes());
        let mut id = [0; 12];
        id.copy_from_slice(&blake3::keyed_hash(self.0.expose(), &key).as_bytes()[..12]);
        LogId::new(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(seeds: &[u64]) -> LogIds {
        LogIds::new(&KeyRing::insecure_from_seeds(seeds.iter().copied()))
    }

    fn session(ids: &LogIds) -> LogId {
        ids.of(RecordKind::Session, &RecordId::new([1; 16]))
    }

    #[test]
    fn se_20_a_record_has_one_name_in_all_logs_and_it_is_not_its_own() {
        let (node, other) = (ids(&[1]), ids(&[1]));
        assert_eq!(session(&node), session(&other));
        assert_ne!(session(&node), node.of(RecordKind::Family, &RecordId::new([1; 16])));
        assert_ne!(session(&node), node.of(RecordKind::Session, &RecordId::new([2; 16])));
        assert_ne!(session(&node), session(&ids(&[2])));
        let own = RecordId::new([1; 16]).to_string();
        assert!(!own.contains(&session(&node).to_string()));
    }

    #[test]
    fn se_20_a_name_changes_when_a_new_key_is_put_first_and_then_stays() {
        let (before, during, after) = (ids(&[1]), ids(&[2, 1]), ids(&[2]));
        assert_ne!(session(&before), session(&during));
        assert_eq!(session(&during), session(&after));
    }
}
