//! The internals that the conformance suite examines beyond the contract.

use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::Key;
use tower_auth_test::conformance::Harness;

use super::super::MemoryStore;
use super::super::lock::lock;
use super::super::slot::Slot;

pub(super) struct Memory;

impl Harness for Memory {
    type Store = MemoryStore;

    async fn store(&self, clock: Clock) -> MemoryStore {
        MemoryStore::new(clock)
    }

    /// Sweeps every shard as often as the writes of a long period would.
    async fn clean_up(&self, store: &MemoryStore, _passed: Duration) {
        let inner = &store.inner;
        for shard in &inner.shards {
            let mut shard = lock(shard);
            for _ in 0..=shard.table.keys().count() {
                shard.sweep(inner.clock.now(), &inner.owners);
            }
        }
    }

    async fn row(&self, store: &MemoryStore, key: &Key) -> Option<Vec<u8>> {
        let at = store.inner.at(key);
        Some(match store.inner.shard(at).table.get(at) {
            None => Vec::new(),
            Some(Slot::Live(live)) => live.stored().to_bytes(),
            Some(Slot::Ended(tombstone)) => tombstone.to_bytes(),
        })
    }
}
