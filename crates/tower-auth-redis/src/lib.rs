//! Keeps tower-auth's records in Redis.

mod builder;
mod call;
mod error;
mod feed;
mod index;
mod indexed;
mod names;
mod script;
mod server;
mod store;
mod together;
mod topology;

pub use builder::Builder;
pub use error::ConfigError;
pub use feed::RedisFeed;
pub use store::RedisStore;
