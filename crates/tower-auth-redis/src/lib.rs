//! Keeps tower-auth's records in Redis: on one server, behind Sentinels, or in a Cluster.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth_core::Clock;
//! use tower_auth_redis::RedisStore;
//!
//! let store = RedisStore::node("redis://127.0.0.1:6379", Clock::system()).build().await?;
//! # Ok(()) }
//! ```
//!
//! A fail-over is followed during traffic, and so are slots that move:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! # use tower_auth_core::Clock;
//! # use tower_auth_redis::RedisStore;
//! let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
//! let store = RedisStore::sentinel(sentinels, "mymaster", Clock::system())
//!     .key_prefix("shop:")
//!     .build()
//!     .await?;
//!
//! let nodes = ["redis://10.0.0.1:6379", "redis://10.0.0.2:6379"];
//! let store = RedisStore::cluster(nodes, Clock::system()).build().await?;
//! # Ok(()) }
//! ```
//!
//! # What it promises
//!
//! - **Each step is one atomic script on one key, and one round trip**; a load is one `GET`. A record
//!   with an owner is sent together with the entry in the owner's index; only a touch sends one
//!   afterwards, where an entry may be lost. A list, and the end of all of an owner's records, are two
//!   round trips, and one more for each further page, or thousand of records. A page that comes upon
//!   sessions that have ended takes one more, and later lists do not look at those again.
//! - **The store's clock decides**, to the microsecond; the server's own expiry comes minutes later, and
//!   sweeps.
//! - **Nothing is done twice.** A command whose answer was lost is an error, never sent again: a
//!   creation would then be a conflict with itself. Only where a server said that it has done nothing
//!   (it does not keep the slot, it does not know the script) is it asked for again.
//! - **Only primaries are asked.** A connection is looked at every second, and whenever a step failed
//!   on it; one that leads to no primary any more is dropped. Sentinels tell when they have replaced the
//!   primary, and one of them is asked every second.
//! - **An error comes in time**, within [`timeout`](Builder::timeout) for each round trip, at once where
//!   the server is known to be away; and the same store goes on when the server is back.
//! - **One can log out of a full server**, and stay logged in on it. With `maxmemory-policy noeviction`
//!   creations and saves are refused then, and change nothing; ends and touches are done.
//!
//! # What it does not
//!
//! - Redis acknowledges before it replicates. What a primary acknowledged within the replication lag
//!   dies with it: a session is anonymous again, or a logout is undone.
//!   [`confirm_ends`](Builder::confirm_ends) is for the latter.
//! - In a Cluster a record and its owner's index are on two primaries. When that of the index dies
//!   before it has passed an entry on, and the record's does not, the session is on no list, and no kick
//!   finds it, until it is next saved or touched, which brings the entry back.
//! - In a Cluster a fail-over may undo the end of a session after a list left it out. A kick ends it all
//!   the same; it is on a list again once it is next saved or touched.
//! - When a step that gives a record an owner fails, or its future is dropped, the record may be there
//!   without its entry in the owner's index. Nobody was given its credential then, and the next save
//!   puts the entry there.
//! - A server that evicts may evict an owner's index, and each of his sessions is on no list until it is
//!   next saved or touched. Such a store [says so](tower_auth_core::store::Limits::evicts).
//! - An owner's index keeps what has ended or expired until a day after its last deadline, so that
//!   nothing is ever unkickable: not what a fail-over or a clock that is put right brings back.
//!
//! # What it needs
//!
//! Redis 6.2 or later, or Valkey. A user with these rights, where `ta:` is the
//! [prefix](Builder::key_prefix):
//!
//! ```text
//! ~ta:* +get +getrange +set +del +setrange +pexpire +pttl +zadd +zrange
//! +zremrangebyscore +zscore +eval +evalsha +script|load +role
//! ```
//!
//! and `+config|get` (else [`assume_no_eviction`](Builder::assume_no_eviction)), `+client|tracking` for
//! the [feed](RedisStore::feed), `+wait` for [`confirm_ends`](Builder::confirm_ends), `+cluster|slots`,
//! `+cluster|info`, `+cluster|nodes` and `+asking` in a Cluster. One on the Sentinels needs
//! `+sentinel|get-master-addr-by-name`, and `+ping +subscribe &+switch-master` to be told at once.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

mod builder;
mod call;
mod caller;
mod error;
mod feed;
mod index;
mod indexed;
mod inner;
mod names;
mod retired;
mod runtime;
mod script;
mod server;
mod store;
mod together;
mod topology;
mod value;

pub use builder::Builder;
pub use error::ConfigError;
pub use feed::RedisFeed;
/// The driver, in the version whose types this crate takes.
pub use redis;
pub use store::RedisStore;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
