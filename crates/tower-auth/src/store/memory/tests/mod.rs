use super::MemoryStore;

mod contract;
mod differential;

// Every promise of the contract, one test each.
tower_auth_test::store_conformance!(conformance, MemoryStore::new);
