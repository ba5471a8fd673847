//! The slots of a shard, laid so that a look-up waits for memory as seldom as it can.
//!
//! In a store that no cache holds, a look-up costs what it waits for: each step to a place that only
//! the step before it named. Two of them are left, the entry and the value behind it: the table of
//! buckets is small (five bytes a record) and likely in a cache, and a bucket's marks say which of
//! its entries to look at. In a tree of a thousand the entry alone is three nodes deep.
//!
//! It grows by one bucket at a time (linear hashing). A hash map that doubles moves everything at
//! once, and then has room for twice of what it holds.

use tower_auth_core::store::Key;

use super::slot::Slot;

/// How many entries a bucket has on average. More would make the table of buckets smaller, and each
/// creation move more.
const FILL: usize = 8;

/// How many entries have a mark; hardly a bucket has more, and those further back are compared.
const MARKS: usize = 16;

/// A key with its hash, so that a step computes it once.
#[derive(Clone, Copy)]
pub(super) struct Hashed<'a> {
    pub(super) key: &'a Key,
    pub(super) hash: u64,
}

impl Hashed<'_> {
    /// The half that names the bucket. Of the other half, the lowest bits name the shard.
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
    /// [`Hashed::high`]: it needs no more room, and a bucket is split without hashing.
    high: u32,
    mark: u8,
}

#[cfg(test)]
pub(super) const ENTRY: usize = size_of::<Entry>();

#[derive(Default)]
struct Bucket {
    /// Of the first entries; what lies behind them in a shorter bucket means nothing.
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
        // Room for more would be a tenth of what the store needs.
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

/// Where [`Table::look`] goes on.
#[derive(Default)]
pub(super) struct Place {
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

    /// Puts a slot under a key that has none.
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

    /// Looks at the entry at `place`, and takes it out if `is_so`; `place` then is the next one's.
    ///
    /// What moves while a walk is under way is met on the next one, if not on this.
    pub(super) fn look(
        &mut self,
        place: &mut Place,
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
                None => *place = Place { bucket: place.bucket + 1, index: 0 },
            }
        }
        *place = Place::default();
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

    /// As many bits as name every bucket; one fewer where the bucket that they name has not been
    /// split off yet.
    fn bucket(&self, high: u32) -> usize {
        let mask = self.buckets.len().next_power_of_two() - 1;
        let bucket = high as usize & mask;
        if bucket < self.buckets.len() { bucket } else { bucket & (mask >> 1) }
    }

    /// One bucket more, with what falls to it of the one that it is split off.
    fn split(&mut self) {
        let new = self.buckets.len();
        self.buckets.push(Bucket::default());
        if let Some(highest) = new.checked_ilog2() {
            let old = std::mem::take(&mut self.buckets[new ^ (1 << highest)]);
            self.put(old);
        }
    }

    /// One bucket fewer: what lay in the last goes back to the one that it was split off.
    fn join(&mut self) {
        if let Some(last) = self.buckets.pop() {
            self.put(last);
        }
        // So seldom that it moves each bucket's head about once.
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

    /// For how many buckets there is room.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.buckets.capacity()
    }

    /// How many entries lie in each bucket, and for how many there is room.
    #[cfg(test)]
    pub(super) fn shape(&self) -> impl Iterator<Item = (usize, usize)> {
        self.buckets.iter().map(|bucket| (bucket.entries.len(), bucket.entries.capacity()))
    }
}
