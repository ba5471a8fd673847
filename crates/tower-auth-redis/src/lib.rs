//! A store for tower-auth in Redis: on one server, behind Sentinels, or in a Cluster.
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
//! The store follows fail-overs and moving slots during traffic:
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
//! # Guarantees
//!
//! - **Each step is one atomic script on one key, in one round trip.** A load is one `GET`. A
//!   record with an owner is sent together with its entry in the owner's index. Only a touch sends
//!   the entry afterwards, if the entry may be lost.
//! - **Lists are short.** A list takes two round trips, and one more for each further page. Ending
//!   all records of an owner takes two, and one more for each further thousand records. A page that
//!   contains ended sessions takes one more, and later lists skip those sessions.
//! - **The store's clock decides**, to the microsecond. The server's own expiry comes minutes later
//!   and only frees memory.
//! - **No command runs twice.** A command whose answer was lost is an error and is never sent
//!   again; otherwise a creation would conflict with itself. The store repeats a command only if
//!   the server reports that it did nothing: it does not have the slot, or does not know the
//!   script.
//! - **Only primaries are asked.** The store checks each connection every second, and whenever a
//!   step failed on it. It drops a connection that no longer leads to a primary. Sentinels announce
//!   a new primary, and the store asks one of them every second.
//! - **Errors come in time**: within [`timeout`](RedisStoreBuilder::timeout) for each round trip, and at once
//!   if the server is known to be down. The same store continues when the server is back.
//! - **Users can log out on a full server**, and stay logged in on it. If the
//!   `maxmemory-policy` is `noeviction`, a full server refuses creations and saves, which then
//!   change nothing. Ends and touches succeed.
//!
//! # Limits
//!
//! - Redis acknowledges a write before it replicates it. If a primary fails, writes that it
//!   acknowledged within the replication lag are lost: a session is anonymous again, or a logout is
//!   undone. [`confirm_ends`](RedisStoreBuilder::confirm_ends) protects against the latter.
//! - In a Cluster a record and its owner's index are on two primaries. If only the index's primary
//!   fails, and before it has replicated an entry, the session is not listed, and `end_owned` does
//!   not find it. Its next save or touch restores the entry.
//! - In a Cluster a fail-over may undo the end of a session after a list has skipped it.
//!   `end_owned` still ends the session. Its next save or touch makes it listed again.
//! - If a step that gives a record an owner fails, or its future is dropped, the record may exist
//!   without its index entry. Its credential was not issued then, and the next save adds the entry.
//! - A server that evicts keys may evict an owner's index. Each of the owner's sessions is then not
//!   listed until its next save or touch. The store reports this
//!   [limit](tower_auth_core::store::Limits::evicts).
//! - An owner's index keeps ended and expired records until a day after their last deadline. So
//!   `end_owned` also finds a record that a fail-over or a corrected clock revives.
//!
//! # Requirements
//!
//! Redis 6.2 or later, or Valkey. The user needs these rights, where `ta:` is the
//! [prefix](RedisStoreBuilder::key_prefix):
//!
//! ```text
//! ~ta:* +get +getrange +set +del +setrange +pexpire +pttl +zadd +zrange
//! +zremrangebyscore +zscore +eval +evalsha +script|load +role
//! ```
//!
//! Some features need more rights:
//!
//! - `+config|get`, unless [`assume_no_eviction`](RedisStoreBuilder::assume_no_eviction) is set.
//! - `+client|tracking` for the [feed](RedisStore::feed).
//! - `+wait` for [`confirm_ends`](RedisStoreBuilder::confirm_ends).
//! - `+cluster|slots`, `+cluster|info`, `+cluster|nodes` and `+asking` in a Cluster.
//!
//! The user on the Sentinels needs `+sentinel|get-master-addr-by-name`, and
//! `+ping +subscribe &+switch-master` to receive announcements.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

mod builder;
mod call;
mod caller;
mod error;
mod feed;
mod index;
mod index_cache;
mod inner;
mod join_all;
mod names;
mod retired;
mod runtime;
mod script;
mod server;
mod store;
mod topology;
mod value;

pub use builder::RedisStoreBuilder;
pub use error::RedisConfigError;
pub use feed::RedisFeed;
/// The Redis driver, in the version whose types this crate's API uses.
pub use redis;
pub use store::RedisStore;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
