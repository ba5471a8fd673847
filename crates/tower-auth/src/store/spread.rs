//! How keys are spread over tables and shards.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A keyed hash of a few words, one multiplication each and one more: a tenth of what the standard one
/// costs on a key. It keeps no secret and needs to keep none, since handles are random and reach a store
/// behind a MAC: nobody outside chooses them. It is keyed all the same, for whoever has other keys.
#[derive(Clone)]
pub(super) struct Spread {
    start: u64,
    factor: u64,
}

impl Spread {
    /// Under random keys.
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

/// Both halves of the product count, so that every bit of the word reaches every bit.
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

    /// Once more: under one key in twenty a single multiplication leaves the last word's bits uneven.
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

    /// Any ten bits of it serve, also for keys that differ in one place only: a table takes them
    /// from either end. Under any key, so under many.
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
                // Four on average; of random ones hardly ever more than sixteen.
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
