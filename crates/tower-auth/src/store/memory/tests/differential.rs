//! The same steps on this store and on the model give the same answers.

use std::time::Duration;

use bytes::Bytes;
use tower_auth_core::Timestamp;
use tower_auth_core::store::{
    EndOwnedParams, EndReason, Key, ListParams, Load, Owner, Record, RecordId, RecordKind,
    RecordKinds, Store, Stored, Version, Write,
};
use tower_auth_test::{ModelStore, TestClock};

use super::MemoryStore;

/// A random number generator, splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Returns one of few keys, so that steps collide.
    fn key(&mut self) -> Key {
        let kind = self.one_of(&[RecordKind::Session, RecordKind::Session, RecordKind::Token]);
        Key::new(kind, RecordId::new([self.below(6) as u8; 16]))
    }

    fn owner(&mut self) -> Owner {
        Owner::new([self.below(2) as u8; 32])
    }

    fn kinds(&mut self) -> RecordKinds {
        self.one_of(&[
            RecordKinds::All,
            RecordKinds::Only(RecordKind::Session),
            RecordKinds::Only(RecordKind::Family),
        ])
    }

    fn seconds(&mut self, end: u64) -> Duration {
        // Durations vary by microseconds, so that some steps fall exactly on a deadline.
        Duration::from_secs(self.below(end)) + Duration::from_micros(self.below(3))
    }

    fn record(&mut self, now: Timestamp) -> Record {
        let owner = self.owner();
        Record {
            owner: (self.below(3) > 0).then_some(owner),
            created: now,
            last: Timestamp::from_unix_micros(now.as_unix_micros() - self.below(3) * 1_000_000),
            idle: self.seconds(20),
            absolute: now + self.seconds(40),
            meta: Bytes::from(vec![1; self.below(40) as usize]),
            data: Bytes::from(vec![2; self.below(40) as usize]),
            data_is_json: self.below(2) > 0,
        }
    }
}

/// The two stores. Their versions differ, so each key's versions are kept in pairs.
struct Pair {
    time: TestClock,
    memory: MemoryStore,
    model: ModelStore,
    versions: Vec<(Key, Version, Version)>,
}

impl Pair {
    fn new() -> Self {
        let time = TestClock::new();
        let (memory, model) = (MemoryStore::new(time.clock()), ModelStore::new(time.clock()));
        Self { time, memory, model, versions: Vec::new() }
    }

    fn same_write(&mut self, key: Key, memory: Write, model: Write) {
        match (memory, model) {
            (Write::Done(memory), Write::Done(model)) => self.versions.push((key, memory, model)),
            (memory, model) => assert_eq!(memory, model),
        }
    }

    fn same_record(&self, key: Key, memory: &Stored, model: &Stored) {
        assert!(memory.record == model.record, "two records");
        assert!(self.versions.contains(&(key, memory.version, model.version)), "two versions");
    }

    async fn same_load(&self, key: Key) {
        let memory = self.memory.load(&key).await.unwrap();
        match (&memory, self.model.load(&key).await.unwrap()) {
            (Load::Found(memory), Load::Found(model)) => self.same_record(key, memory, &model),
            (Load::Absent, Load::Absent) => {}
            (Load::Ended { reason, until }, Load::Ended { reason: its, until: stays }) => {
                assert_eq!((*reason, *until), (its, stays))
            }
            _ => panic!("only one of the stores has it"),
        }
    }

    async fn same_list(&self, kinds: RecordKinds, owner: &Owner, limit: usize) {
        let (mut of_memory, mut of_model) = (None, None);
        loop {
            let params = || ListParams::new(*owner, limit).kinds(kinds);
            let memory = self.memory.list(params().cursor(of_memory.clone())).await.unwrap();
            let model = self.model.list(params().cursor(of_model.clone())).await.unwrap();
            // Both stores list in key order.
            assert_eq!(memory.entries.len(), model.entries.len());
            for (memory, model) in memory.entries.iter().zip(&model.entries) {
                assert!(memory.key == model.key, "two orders");
                self.same_record(memory.key, &memory.stored, &model.stored);
            }
            assert_eq!(memory.next.is_some(), model.next.is_some());
            if memory.next.is_none() {
                return;
            }
            (of_memory, of_model) = (memory.next, model.next);
        }
    }

    async fn step(&mut self, chance: &mut Chance) {
        let (key, owner, kinds) = (chance.key(), chance.owner(), chance.kinds());
        let (reason, keep) = (chance.one_of(&EndReason::ALL), chance.seconds(20));
        let now = self.time.now();
        match chance.below(16) {
            0..=3 => {
                let record = chance.record(now);
                let memory = self.memory.create(&key, &record).await.unwrap();
                let model = self.model.create(&key, &record).await.unwrap();
                self.same_write(key, memory, model);
            }
            4..=7 => {
                // Usually the newest version, sometimes an older one.
                let known: Vec<_> = self.versions.iter().filter(|it| it.0 == key).collect();
                let back = chance.below(4).saturating_sub(2) as usize;
                let Some((_, memory, model)) = known.into_iter().rev().nth(back).copied() else {
                    return;
                };
                let record = chance.record(now);
                let memory = self.memory.save(&key, memory, &record).await.unwrap();
                let model = self.model.save(&key, model, &record).await.unwrap();
                self.same_write(key, memory, model);
            }
            8 | 9 => {
                let seen = chance.record(now).last;
                self.memory.touch(&key, seen).await.unwrap();
                self.model.touch(&key, seen).await.unwrap();
            }
            10 => {
                self.memory.end(&key, reason, keep).await.unwrap();
                self.model.end(&key, reason, keep).await.unwrap();
            }
            11 => {
                let except = (chance.below(2) > 0).then_some(key.id);
                let params = EndOwnedParams::new(owner, reason, keep).kinds(kinds).except(except);
                let memory = self.memory.end_owned(params.clone()).await;
                let model = self.model.end_owned(params).await;
                assert_eq!(memory.unwrap(), model.unwrap());
            }
            12 => self.same_list(kinds, &owner, 1 + chance.below(5) as usize).await,
            13 | 14 => self.time.advance(chance.seconds(6)),
            _ => self.time.advance(Duration::from_micros(1)),
        }
        self.same_load(key).await;
    }
}

/// Prints the seed and the position of a failure.
struct Told {
    seed: u64,
    step: u32,
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, step {}", self.seed, self.step);
        }
    }
}

#[tokio::test]
async fn it_answers_as_the_model_does() {
    for seed in 0..300 {
        let (mut pair, mut chance) = (Pair::new(), Chance(seed));
        for step in 0..300 {
            let _told = Told { seed, step };
            pair.step(&mut chance).await;
        }
        for owner in 0..2 {
            pair.same_list(RecordKinds::All, &Owner::new([owner; 32]), 100).await;
        }
    }
}
