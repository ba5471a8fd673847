//! The PostgreSQL store, which several nodes share.

mod broom;
mod builder;
mod door;
mod feed;
mod migrate;
mod store;
#[cfg(test)]
mod tests;

pub use builder::PostgresBuilder;
pub use feed::PostgresFeed;
pub use store::PostgresStore;
