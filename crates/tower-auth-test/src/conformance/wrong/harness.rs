//! The parts of a harness that inspect and break a store beyond the contract.

use std::time::Duration;

use tower_auth_core::Clock;
use tower_auth_core::store::{Key, Owner, Stored};

use super::Mutant as M;
use super::WrongStore;
use super::steps::pause;
use super::store::{Slot, State};
use crate::conformance::Harness;

/// A harness of a store that breaks the given promise, or none. It implements every method.
pub(crate) struct Wrong(pub(crate) Option<M>);

impl Harness for Wrong {
    type Store = WrongStore;

    async fn store(&self, clock: Clock) -> WrongStore {
        WrongStore::new(clock, self.0)
    }

    async fn clean_up(&self, store: &WrongStore, _passed: Duration) {
        let over = store.over(&store.state());
        pause().await;
        let state = &mut *store.state();
        // The correct way: each record is checked again before its removal.
        let again = store.over(state);
        for key in over {
            if store.is(M::CleanUpInTwoSteps) || again.contains(&key) {
                store.clean(state, &key);
            }
        }
    }

    async fn row(&self, store: &WrongStore, key: &Key) -> Option<Vec<u8>> {
        Some(match store.state().slots.get(key) {
            None => Vec::new(),
            Some(Slot::Live { stored, .. }) => stored.to_bytes(),
            Some(Slot::Ended { tombstone, left, .. }) => {
                [&tombstone.to_bytes()[..], left.as_ref()].concat()
            }
        })
    }

    async fn break_list(&self, store: &WrongStore, owner: &Owner, broken: bool) -> bool {
        let lists = &mut store.state().broken_lists;
        if broken { lists.insert(*owner) } else { lists.remove(owner) }
    }
}

impl WrongStore {
    /// Returns the keys that a clean-up removes.
    fn over(&self, state: &State) -> Vec<Key> {
        let now = self.clock.now();
        let is_over = |slot: &Slot| match slot {
            Slot::Live { stored: Stored { record, .. }, .. } => {
                let untouched = record.created + record.idle;
                !self.is_live(record) || (self.is(M::CleanUpForgetsTouched) && now >= untouched)
            }
            Slot::Ended { tombstone, .. } => {
                now >= tombstone.until || self.is(M::CleanUpTakesTombstones)
            }
        };
        let over = state.slots.iter().filter(|(_, slot)| is_over(slot));
        over.map(|(key, _)| *key).collect()
    }

    fn clean(&self, state: &mut State, key: &Key) {
        let Some(Slot::Live { stored: gone, .. }) = state.slots.remove(key) else { return };
        if !self.is(M::CleanUpTakesList) {
            return;
        }
        for slot in state.slots.values_mut() {
            if let Slot::Live { stored, listed } = slot {
                *listed &= stored.record.owner != gone.record.owner;
            }
        }
    }
}
