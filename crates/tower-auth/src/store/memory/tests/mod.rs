use tower_auth_core::Clock;

use super::MemoryStore;

mod contract;
mod differential;
mod expiry;
mod locks;
mod looked_into;
mod table;
mod turns;
mod values;

// One test for each guarantee of the contract.
tower_auth_test::store_conformance!(conformance, looked_into::Memory);
tower_auth_test::store_conformance!(conformance_when_small, |clock: Clock| {
    MemoryStore::new(clock).max_value(600)
});
