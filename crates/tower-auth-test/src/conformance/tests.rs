use std::panic::{AssertUnwindSafe, catch_unwind};

use tower_auth_core::Clock;

use super::wrong::{Fault, Mutant, Server, Wrong, WrongStore};
use crate::gate::GateStore;
use crate::{FaultyStore, ModelStore};

crate::store_conformance!(model, ModelStore::new);
crate::store_conformance!(looked_into, Wrong(None));
crate::store_conformance!(without_lists, WrongStore::listless);
crate::store_conformance!(behind_a_gate, |clock: Clock| GateStore::new(ModelStore::new(clock)));
crate::store_conformance!(in_a_faulty_store, |clock: Clock| {
    let store = FaultyStore::new(ModelStore::new(clock));
    store.pending_once();
    store
});

crate::restart_conformance!(restarted, Server::new(None));
crate::restart_conformance!(restarted_without_lists, Server::listless());

/// Runs on one thread: tasks alternate at their awaits, so every race that can be lost is lost.
fn run(test: impl Future<Output = ()>) {
    match tokio::runtime::Builder::new_current_thread().enable_time().build() {
        Ok(runtime) => runtime.block_on(test),
        Err(error) => panic!("{error}"),
    }
}

macro_rules! table {
    ($broken:ident; $($group:ident { $($promise:ident)+ })+) => {
        const PROMISES: &Promises<Mutant> = &[$($((
            stringify!($promise),
            |$broken| run(async move {
                super::$group::$promise(&Wrong($broken)).await;
            }),
        ),)+)+];
    };
}

crate::__store_promises! { table, broken }

macro_rules! restart_table {
    ($fault:ident; $($group:ident { $($promise:ident)+ })+) => {
        const RESTART_PROMISES: &Promises<Fault> = &[$($((
            stringify!($promise),
            |$fault| run(async move { super::$group::$promise(&Server::new($fault)).await }),
        ),)+)+];
    };
}

crate::__restart_promises! { restart_table, fault }

/// The same store without a fault keeps every promise, so each failure below is due to the fault.
#[test]
fn the_store_without_a_fault_is_right() {
    PROMISES.iter().for_each(|(_, test)| test(None));
}

/// Promises by name, over a store with a fault or none.
type Promises<F> = [(&'static str, fn(Option<F>))];

/// Returns the faults that the named promises do not catch.
fn missed<F: Copy + std::fmt::Debug>(faults: &[(F, &str)], promises: &Promises<F>) -> Vec<F> {
    let is_missed = |(fault, promise): &&(F, &str)| {
        let Some((_, test)) = promises.iter().find(|(name, _)| name == promise) else {
            panic!("{promise} is not a promise");
        };
        let test = AssertUnwindSafe(|| test(Some(*fault)));
        catch_unwind(test).is_ok()
    };
    faults.iter().filter(is_missed).map(|(fault, _)| *fault).collect()
}

#[test]
fn every_wrong_store_is_caught() {
    assert_eq!(missed(Mutant::ALL, PROMISES), []);
}

#[test]
fn every_wrong_server_is_caught() {
    RESTART_PROMISES.iter().for_each(|(_, test)| test(None));
    assert_eq!(missed(&Fault::ALL, RESTART_PROMISES), []);
}
