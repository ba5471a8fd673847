//! The SQLite store: embedded, and persistent across restarts.

mod cleanup;
mod file_fault;
mod open;
mod store;
#[cfg(test)]
mod tests;

pub use open::SqliteStoreBuilder;
pub use store::SqliteStore;
