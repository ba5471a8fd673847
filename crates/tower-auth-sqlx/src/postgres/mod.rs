//! The PostgreSQL store, which several nodes share.

mod builder;
mod cleanup;
mod connect_probe;
mod feed;
mod migrate;
mod store;
#[cfg(test)]
mod tests;

pub use builder::PostgresStoreBuilder;
pub use feed::PostgresFeed;
pub use store::PostgresStore;
