//! Real servers on free ports of the loopback, each with its own directory. A server ends with its
//! handle, or with this process, however the process ends.

mod cluster;
mod memcached;
mod nginx;
mod postgres;
mod process;
mod provider;
mod redis;
mod sentinel;

pub use cluster::RedisCluster;
pub use memcached::Memcached;
pub use nginx::Nginx;
pub use postgres::Postgres;
pub use process::{Process, free_port};
pub use provider::OpenIdProvider;
pub use redis::Redis;
pub use sentinel::RedisSentinels;
