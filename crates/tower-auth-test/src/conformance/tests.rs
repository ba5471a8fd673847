use std::panic::{AssertUnwindSafe, catch_unwind};

use tower_auth_core::Clock;

use super::wrong::{Mutant, WrongStore};
use crate::gate::GateStore;
use crate::{FaultyStore, ModelStore};

crate::store_conformance!(model, ModelStore::new);
crate::store_conformance!(without_lists, WrongStore::listless);
crate::store_conformance!(behind_a_gate, |clock: Clock| GateStore::new(ModelStore::new(clock)));
crate::store_conformance!(in_a_faulty_store, |clock: Clock| {
    let store = FaultyStore::new(ModelStore::new(clock));
    store.pending_once();
    store
});

/// One thread: tasks take turns at their awaits, so that a race that can be lost is lost.
fn run(test: impl Future<Output = ()>) {
    match tokio::runtime::Builder::new_current_thread().build() {
        Ok(runtime) => runtime.block_on(test),
        Err(error) => panic!("{error}"),
    }
}

macro_rules! table {
    ($broken:ident; $($room:ident { $($promise:ident)+ })+) => {
        const PROMISES: &[(&str, fn(Option<Mutant>))] = &[$($((
            stringify!($promise),
            |$broken| run(async move {
                super::$room::$promise(&move |clock| WrongStore::new(clock, $broken)).await;
            }),
        ),)+)+];
    };
}

crate::__store_promises! { table, broken }

/// Without a fault the same store keeps every promise: what is caught below is the fault.
#[test]
fn the_store_without_a_fault_is_right() {
    PROMISES.iter().for_each(|(_, test)| test(None));
}

#[test]
fn every_wrong_store_is_caught() {
    let missed: Vec<_> = Mutant::ALL
        .iter()
        .filter(|(mutant, promise)| {
            let Some((_, test)) = PROMISES.iter().find(|(name, _)| name == promise) else {
                panic!("{promise} is no promise");
            };
            catch_unwind(AssertUnwindSafe(|| test(Some(*mutant)))).is_ok()
        })
        .collect();
    assert!(missed.is_empty(), "not caught: {missed:?}");
}
