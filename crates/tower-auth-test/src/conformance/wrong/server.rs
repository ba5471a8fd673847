//! An in-memory server that handles restarts incorrectly.

use tower_auth_core::Clock;

use super::WrongStore;
use super::store::Slot;
use crate::conformance::{Harness, Restart};
use crate::{FaultyStore, TestClock};

/// The faults of a restarted server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server keeps nothing, and claims that it does.
    KeepsNothing,
    /// A server that is away is mistaken for an empty one.
    AwayIsEmpty,
    /// Ends are lost.
    KeepsNoEnds,
    /// The owners of records are lost.
    KeepsNoLists,
    /// The last changes are lost.
    KeepsOldData,
}

impl Fault {
    /// All variants, each with the name of a test that must catch it.
    pub(crate) const ALL: [(Self, &str); 5] = [
        (Self::KeepsNothing, "a_restart_in_the_middle_leaves_nothing_half_done"),
        (Self::AwayIsEmpty, "a_server_that_is_away_is_unavailable_and_found_again"),
        (Self::KeepsNoEnds, "a_restart_in_the_middle_leaves_nothing_half_done"),
        (Self::KeepsNoLists, "a_restart_in_the_middle_leaves_nothing_half_done"),
        (Self::KeepsOldData, "no_update_is_lost_over_restarts"),
    ];
}

pub(crate) struct Server {
    store: FaultyStore<WrongStore>,
    fault: Option<Fault>,
}

impl Server {
    /// Creates a server with this fault, or a correct one.
    pub(crate) fn new(fault: Option<Fault>) -> Self {
        Self::of(WrongStore::new(TestClock::new().clock(), None), fault)
    }

    pub(crate) fn listless() -> Self {
        Self::of(WrongStore::listless(TestClock::new().clock()), None)
    }

    fn of(store: WrongStore, fault: Option<Fault>) -> Self {
        Self { store: FaultyStore::new(store), fault }
    }

    fn damage(&self, fault: Fault) {
        let slots = &mut self.store.inner().state().slots;
        match fault {
            Fault::KeepsNothing | Fault::AwayIsEmpty => slots.clear(),
            Fault::KeepsNoEnds => slots.retain(|_, slot| matches!(slot, Slot::Live { .. })),
            Fault::KeepsNoLists | Fault::KeepsOldData => {
                for slot in slots.values_mut() {
                    let Slot::Live { stored, listed } = slot else { continue };
                    *listed = fault != Fault::KeepsNoLists;
                    if fault == Fault::KeepsOldData {
                        stored.record.data = vec![0; stored.record.data.len()].into();
                    }
                }
            }
        }
    }
}

impl Harness for Server {
    type Store = FaultyStore<WrongStore>;

    async fn store(&self, _clock: Clock) -> Self::Store {
        self.store.clone()
    }
}

impl Restart for Server {
    fn keeps(&self) -> bool {
        true
    }

    async fn kill(&self) {
        if let Some(fault) = self.fault {
            self.damage(fault);
        }
        if self.fault != Some(Fault::AwayIsEmpty) {
            self.store.down();
        }
    }

    async fn start(&self) {
        self.store.up();
    }
}
