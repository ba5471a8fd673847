//! The hash function that distributes keys over tables and shards.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A keyed hash of a few words, with one multiplication for each word and one more at the end.
///
/// It takes a tenth of the time of the standard hash function on a key. It need not keep its key
/// secret, since handles are random and reach a store behind a MAC, so no outsider chooses them. It
/// is keyed for applications that have other keys.
#[derive(Clone)]
pub(super) struct Spread {
    start: u64,
    factor: u64,
}

impl Spread {
    /// Creates a hash function with random keys.
    pub(super) fn new() -> Self {
        let random = RandomState::new();
        Self { start: random.hash_one(0), factor: random.hash_one(1) | 1 }
    }
}

impl BuildHasher for Spread {
    type Hasher = Spreading;

    fn build_hasher(&self) -> Spreading {
        Spreading { state: self.start, factor: self.factor }
    }
}

pub(super) struct Spreading {
    state: u64,
    factor: u64,
}

/// Multiplies, and combines both halves of the product, so that every bit of the word affects every
/// bit of the result.
fn folded(word: u64, factor: u64) -> u64 {
    let product = u128::from(word) * u128::from(factor);
    product as u64 ^ (product >> 64) as u64
}

impl Hasher for Spreading {
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

    use tower_auth_core::store::{Handle, Key, Kind};

    use super::Spread;

    /// Any ten bits of the hash are evenly distributed, even for keys that differ in one place
    /// only: a table uses bits from either end. This must hold under any key, so the test tries
    /// many.
    #[test]
    fn keys_that_are_alike_are_spread() {
        let spread = Spread::new();
        for (byte, spread) in (0..15).flat_map(|it| (0..64).map(move |_| (it, Spread::new()))) {
            let keys = (0..4096_u16).map(|n| {
                let mut handle = [0; 16];
                handle[byte..byte + 2].copy_from_slice(&n.to_le_bytes());
                Key::new(Kind::Session, Handle::new(handle))
            });
            let hashes: Vec<u64> = keys.map(|key| spread.hash_one(key)).collect();
            assert_eq!(hashes.iter().collect::<HashSet<_>>().len(), 4096);
            for shift in [0, 20, 54] {
                let mut shards = [0; 1024];
                hashes.iter().for_each(|hash| shards[(hash >> shift) as usize % 1024] += 1);
                // The average is four. Random keys hardly ever put more than sixteen in one place.
                assert!(*shards.iter().max().unwrap() < 40, "byte {byte}, shift {shift}");
            }
        }
        let of = |kind| spread.hash_one(Key::new(kind, Handle::new([7; 16])));
        assert_ne!(of(Kind::Session), of(Kind::Token));
        assert_ne!(
            of(Kind::Session),
            Spread::new().hash_one(Key::new(Kind::Session, Handle::new([7; 16])))
        );
    }
}
