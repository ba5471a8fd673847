//! The slots of a shard, arranged so that a look-up waits for memory as rarely as possible.
//!
//! If the store exceeds the CPU caches, the cost of a look-up is its chain of dependent memory
//! accesses. Two of them remain: the entry and its value. The table of buckets is small (five bytes
//! a record) and likely cached, and the marks in a bucket show which of its entries to compare. In
//! a tree of a thousand records, the entry alone is three nodes deep.
//!
//! The table grows by one bucket at a time (linear hashing). A hash map that doubles moves
//! everything at once, and then has room for twice its contents.

use tower_auth_core::store::Key;

use super::slot::Slot;

/// The average number of entries in a bucket. A larger value would shrink the table of buckets, and
/// make each creation move more entries.
const FILL: usize = 8;

/// The number of entries with a mark. Hardly any bucket has more entries; those beyond are compared
/// by key.
const MARKS: usize = 16;

/// A key with its hash, so that a step computes it once.
#[derive(Clone, Copy)]
pub(super) struct Hashed<'a> {
    pub(super) key: &'a Key,
    pub(super) hash: u64,
}

impl Hashed<'_> {
    /// Returns the half of the hash that selects the bucket. The lowest bits of the other half
    /// select the shard.
    fn high(self) -> u32 {
        (self.hash >> 32) as u32
    }

    fn mark(self) -> u8 {
        (self.hash >> 24) as u8
    }
}

struct Entry {
    slot: Slot,
    key: Key,
    /// [`Hashed::high`]. It fits into the padding, and lets a bucket be split without hashing.
    high: u32,
    mark: u8,
}

#[cfg(test)]
pub(super) const ENTRY: usize = size_of::<Entry>();

#[derive(Default)]
struct Bucket {
    /// The marks of the first entries. In a shorter bucket the remaining marks have no meaning.
    marks: [u8; MARKS],
    entries: Vec<Entry>,
}

impl Bucket {
    fn position(&self, at: Hashed<'_>) -> Option<usize> {
        let mark = at.mark();
        self.entries.iter().enumerate().position(|(index, entry)| {
            self.marks.get(index).is_none_or(|its| *its == mark) && entry.key == *at.key
        })
    }

    fn push(&mut self, entry: Entry) {
        if let Some(mark) = self.marks.get_mut(self.entries.len()) {
            *mark = entry.mark;
        }
        // Spare capacity would take a tenth of the store's memory.
        self.entries.reserve_exact(1);
        self.entries.push(entry);
    }

    fn swap_remove(&mut self, index: usize) -> Entry {
        let entry = self.entries.swap_remove(index);
        if let (Some(mark), Some(moved)) = (self.marks.get_mut(index), self.entries.get(index)) {
            *mark = moved.mark;
        }
        if self.entries.len() * 2 < self.entries.capacity() {
            self.entries.shrink_to_fit();
        }
        entry
    }
}

/// The position at which [`Table::look`] continues.
#[derive(Default)]
pub(super) struct Position {
    bucket: usize,
    index: usize,
}

#[derive(Default)]
pub(super) struct Table {
    buckets: Vec<Bucket>,
    len: usize,
}

impl Table {
    pub(super) fn get(&self, at: Hashed<'_>) -> Option<&Slot> {
        let bucket = self.buckets.get(self.bucket(at.high()))?;
        bucket.position(at).map(|index| &bucket.entries[index].slot)
    }

    pub(super) fn get_mut(&mut self, at: Hashed<'_>) -> Option<&mut Slot> {
        let number = self.bucket(at.high());
        let bucket = self.buckets.get_mut(number)?;
        bucket.position(at).map(|index| &mut bucket.entries[index].slot)
    }

    /// Inserts a slot for a key that has none.
    pub(super) fn insert(&mut self, at: Hashed<'_>, slot: Slot) {
        if self.len >= self.buckets.len() * FILL {
            self.split();
        }
        self.len += 1;
        let bucket = self.bucket(at.high());
        let entry = Entry { slot, key: *at.key, high: at.high(), mark: at.mark() };
        self.buckets[bucket].push(entry);
    }

    pub(super) fn remove(&mut self, at: Hashed<'_>) -> Option<Slot> {
        let bucket = self.bucket(at.high());
        let index = self.buckets.get(bucket)?.position(at)?;
        Some(self.take(bucket, index).1)
    }

    /// Examines the entry at `place`, and removes it if `is_so` returns `true`. Then `place` is the
    /// next entry's.
    ///
    /// An entry that moves during a walk is visited in this walk or in the next.
    pub(super) fn look(
        &mut self,
        place: &mut Position,
        is_so: impl Fn(&Slot) -> bool,
    ) -> Option<(Key, Slot)> {
        while let Some(bucket) = self.buckets.get(place.bucket) {
            match bucket.entries.get(place.index) {
                Some(entry) if is_so(&entry.slot) => {
                    return Some(self.take(place.bucket, place.index));
                }
                Some(_) => {
                    place.index += 1;
                    return None;
                }
                None => *place = Position { bucket: place.bucket + 1, index: 0 },
            }
        }
        *place = Position::default();
        None
    }

    fn take(&mut self, bucket: usize, index: usize) -> (Key, Slot) {
        let Entry { slot, key, .. } = self.buckets[bucket].swap_remove(index);
        self.len -= 1;
        if self.buckets.len() > 1 && self.len < self.buckets.len() * FILL / 2 {
            self.join();
        }
        (key, slot)
    }

    /// Returns the bucket of a hash, from as many bits as select every bucket. Uses one bit less if
    /// the bucket that they select has not been split off yet.
    fn bucket(&self, high: u32) -> usize {
        let mask = self.buckets.len().next_power_of_two() - 1;
        let bucket = high as usize & mask;
        if bucket < self.buckets.len() { bucket } else { bucket & (mask >> 1) }
    }

    /// Adds a bucket, and moves its share of entries from the bucket that it is split from.
    fn split(&mut self) {
        let new = self.buckets.len();
        self.buckets.push(Bucket::default());
        if let Some(highest) = new.checked_ilog2() {
            let old = std::mem::take(&mut self.buckets[new ^ (1 << highest)]);
            self.put(old);
        }
    }

    /// Removes the last bucket, and returns its entries to the bucket that it was split from.
    fn join(&mut self) {
        if let Some(last) = self.buckets.pop() {
            self.put(last);
        }
        // This happens so rarely that it moves each bucket's header about once.
        if self.buckets.len() * 4 <= self.buckets.capacity() {
            self.buckets.shrink_to(self.buckets.len() * 2);
        }
    }

    fn put(&mut self, bucket: Bucket) {
        for entry in bucket.entries {
            let bucket = self.bucket(entry.high);
            self.buckets[bucket].push(entry);
        }
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.buckets.iter().flat_map(|bucket| bucket.entries.iter().map(|entry| entry.key))
    }

    /// Returns the capacity for buckets.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.buckets.capacity()
    }

    /// Returns the number of entries in each bucket, and its capacity.
    #[cfg(test)]
    pub(super) fn shape(&self) -> impl Iterator<Item = (usize, usize)> {
        self.buckets.iter().map(|bucket| (bucket.entries.len(), bucket.entries.capacity()))
    }
}
