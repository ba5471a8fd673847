//! Memcached as a store of `tower-auth`.

mod builder;
mod failure;
mod held;
mod pool;
mod step;
mod store;
mod ttl;

pub use builder::{InvalidConfig, MemcachedBuilder};
pub use store::MemcachedStore;
