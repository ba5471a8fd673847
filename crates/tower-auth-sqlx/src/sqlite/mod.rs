//! The SQLite store: embedded, and persistent across restarts.

mod broom;
mod file_fault;
mod open;
mod store;
#[cfg(test)]
mod tests;

pub use open::SqliteBuilder;
pub use store::SqliteStore;
