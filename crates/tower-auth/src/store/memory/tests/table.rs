//! Tests of the table in the shards: it grows and shrinks by one bucket, and neither loses nor
//! invents entries.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

use tower_auth_core::Timestamp;
use tower_auth_core::store::{EndReason, Key, RecordId, RecordKind, Tombstone, Version};

use crate::store::key_hasher::KeyHasher;
use crate::store::memory::slot::Slot;
use crate::store::memory::table::{Hashed, Position, Table};

type Hash<'a> = dyn Fn(&Key) -> u64 + 'a;

fn key(number: u64) -> Key {
    Key::new(RecordKind::Token, RecordId::new(u128::from(number).to_be_bytes()))
}

/// Returns a slot that differs from every other.
fn slot(number: u64) -> Slot {
    let version = Version::from_raw(number);
    Slot::Ended(Tombstone { reason: EndReason::Kicked, until: Timestamp::MAX, version })
}

fn number(slot: &Slot) -> u64 {
    match slot {
        Slot::Ended(tombstone) => tombstone.version.get(),
        Slot::Live(_) => panic!("none was put in"),
    }
}

/// Returns a table with `numbers` entries, and the model that it is compared with.
fn filled(hash: impl Fn(&Key) -> u64, numbers: u64) -> (Table, BTreeMap<Key, u64>) {
    let (mut table, mut model) = (Table::default(), BTreeMap::new());
    for number in 0..numbers {
        let key = key(number);
        table.insert(Hashed { key: &key, hash: hash(&key) }, slot(number));
        model.insert(key, number);
    }
    (table, model)
}

fn assert_same(table: &Table, model: &BTreeMap<Key, u64>, hash: impl Fn(&Key) -> u64) {
    let mut keys: Vec<Key> = table.keys().collect();
    keys.sort_unstable();
    assert!(keys.iter().eq(model.keys()), "{} keys for {}", keys.len(), model.len());
    for (key, its) in model {
        let found = table.get(Hashed { key, hash: hash(key) });
        assert_eq!(found.map(number), Some(*its));
    }
}

/// The table passes through all sizes up to some thousands and back to zero. Some hashes are equal
/// in the bits that select the bucket, in the mark, or entirely.
#[test]
fn what_is_put_in_is_there_until_it_is_taken_out() {
    let key_hasher = KeyHasher::new();
    let hashes: [(&Hash<'_>, u64); 4] = [
        (&|key| key_hasher.hash_one(key), 5_000),
        (&|key| key_hasher.hash_one(key) | 0xff << 24, 500),
        (&|key| key_hasher.hash_one(key) & 0xffff_ffff, 100),
        (&|_| 0, 100),
    ];
    for (hash, numbers) in hashes {
        let (mut table, mut model) = filled(hash, numbers);
        assert_same(&table, &model, hash);
        for number in (0..numbers).rev().step_by(2).chain((0..numbers).step_by(2)) {
            let key = key(number);
            let at = Hashed { key: &key, hash: hash(&key) };
            let taken = table.remove(at).map(|slot| self::number(&slot));
            assert_eq!(taken, model.remove(&key));
            assert!(table.get(at).is_none() && table.remove(at).is_none());
            if number % 97 < 2 {
                assert_same(&table, &model, hash);
            }
        }
        assert_same(&table, &BTreeMap::new(), hash);
        assert!(table.shape().eq([(0, 0)]), "the table keeps capacity for removed entries");
    }
}

/// A walk visits each entry once if none is inserted or removed. Entries that the walk removes make
/// buckets join, possibly behind it; the next walks visit those entries.
#[test]
fn walks_meet_each() {
    let key_hasher = KeyHasher::new();
    let hash = |key: &Key| key_hasher.hash_one(key);
    let (mut table, mut model) = filled(hash, 1_000);
    let (mut place, met) = (Position::default(), RefCell::new(BTreeMap::new()));
    for _ in 0..1_000 {
        let taken = table.look(&mut place, |slot| {
            *met.borrow_mut().entry(number(slot)).or_insert(0) += 1;
            false
        });
        assert!(taken.is_none());
    }
    assert!(met.into_inner().into_iter().eq((0..1_000).map(|it| (it, 1))));

    let buckets = table.shape().count();
    for _ in 0..4_000 {
        if let Some((key, slot)) = table.look(&mut place, |it| !number(it).is_multiple_of(3)) {
            assert_eq!(model.remove(&key), Some(number(&slot)));
        }
    }
    assert!(table.shape().count() < buckets, "none were joined");
    assert_same(&table, &model, hash);
    assert!(model.into_values().eq((0..1_000).step_by(3)));
}

/// No step adds or removes more than one bucket, so no step moves more entries than a bucket holds,
/// for any number of buckets. The capacity shrinks with them.
#[test]
fn d30_no_step_moves_more_than_a_bucket() {
    let key_hasher = KeyHasher::new();
    let hash = |key: &Key| key_hasher.hash_one(key);
    let mut table = Table::default();
    let mut before = 0;
    for step in 0..8_000 {
        let key = key(step % 4_000);
        let at = Hashed { key: &key, hash: hash(&key) };
        if step < 4_000 {
            table.insert(at, slot(step));
        } else {
            assert!(table.remove(at).is_some());
        }
        let buckets = table.shape().count();
        assert!(buckets.abs_diff(before) <= 1, "{before} buckets, and then {buckets}");
        before = buckets;
        let longest = table.shape().map(|(len, _)| len).max();
        assert!(longest < Some(60), "{longest:?} in a bucket");
        let there = if step < 4_000 { step + 1 } else { 7_999 - step };
        let room: usize = table.shape().map(|(_, room)| room).sum();
        assert!(
            room <= 2 * there as usize + 2 * buckets,
            "capacity for {room} entries, but only {there} exist"
        );
        let room = table.room();
        assert!(
            room <= 4 * buckets.max(2),
            "capacity for {room} buckets, but only {buckets} exist"
        );
    }
    assert_eq!(before, 1);
}
