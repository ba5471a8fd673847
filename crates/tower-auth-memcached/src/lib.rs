//! Memcached as a store of `tower-auth`.
//!
//! ```no_run
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tower_auth::{Clock, KeyRing, SessionLayer};
//! use tower_auth_memcached::MemcachedStore;
//!
//! let store = MemcachedStore::new("memcached://cache.internal:11211", Clock::system())?;
//! let sessions = SessionLayer::new(store, &KeyRing::from_env("APP_KEYS")?);
//! # let _ = sessions; Ok(()) }
//! ```
//!
//! # How a step works
//!
//! A step reads the value (`mg`). If the step changes the value, it writes the value back (`ms`).
//!
//! The write is conditional on the server's change number (CAS): it replaces exactly the value that
//! was read. If there was no value, the write adds one only if there is still none. If another
//! client was faster, the step reads and decides again. A load takes one round trip, a change takes
//! two, and each lost race adds two.
//!
//! The record's own version decides which state is newer. The server's change number only guards
//! the write.
//!
//! # Limits
//!
//! The store reports these limits as [`Limits`], and layers read them when they are built:
//!
//! - **No lists.** Memcached has no index by owner. An index in a value of its own could be
//!   evicted, which would leave sessions that cannot be ended. `list` and `end_owned` return
//!   [`Unsupported`].
//! - **Eviction.** The server may evict any value, and a restart loses all of them. A layer refuses
//!   the store if an eviction would permit something that was forbidden: marks of one-shot tokens,
//!   revocations, replay guards.
//!
//! In all other cases an eviction fails closed:
//!
//! - An evicted session is unknown: its user is anonymous and logs in again.
//! - If the tombstone of an ended session is evicted, the session is still gone. A write that read
//!   the record before the end does not restore it, because a save never creates a record.
//! - A family of refresh tokens is unknown if the server evicted it, or evicted its tombstone. The
//!   store then refuses each of its tokens, used and current. It cannot tell a reused token from an
//!   unknown one, so it does not report the theft.
//!
//! # Notes for operators
//!
//! - A value has up to 1,000,000 bytes ([`max_value`](MemcachedStoreBuilder::max_value)). A server
//!   accepts items of up to 1 MiB, including key and overhead, unless `-I` sets another size.
//! - A server without space for a value drops the key's old value even if it refuses the write.
//!   That, too, is an eviction. Give the server more memory than it needs, and do not set `-M`.
//! - A server that runs with `-C` has no change numbers. The store refuses it.
//! - The store uses one server. If a proxy distributes keys over several servers, the read and the
//!   write of one step must reach the same server.
//! - The store supports neither TLS nor SASL, so the connection is neither encrypted nor
//!   authenticated. Use a private network or a socket: `unix:///run/memcached.sock`.
//! - Put an IPv6 address in brackets: `memcached://[fd00::7]:11211`.
//! - Only the injected clock decides what has expired. An expired value stays on the server for
//!   another ten minutes, so that the versions of its key continue. Then the server removes it.
//!   After an eviction, versions start at the current time.
//!
//! # The client
//!
//! This crate implements the two commands itself, over connections pooled by [deadpool].
//!
//! If a step is dropped before its answer was read, its connection is closed. Otherwise the next
//! step would read that answer, which may be another user's record. For the same reason each answer
//! repeats the key, and an answer for another key closes the connection.
//!
//! Existing client crates do not fit: memcache-async 0.10 does not close the connection, and
//! async-memcached 0.9 depends on fxhash, which is no longer maintained.
//!
//! [deadpool]: https://docs.rs/deadpool
//! [`Limits`]: tower_auth_core::store::Limits
//! [`Unsupported`]: tower_auth_core::store::StoreErrorKind::Unsupported

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

mod address;
mod builder;
mod client;
mod error;
mod failure;
mod pool;
mod step;
mod store;
mod stored_value;
mod ttl;

pub use builder::MemcachedStoreBuilder;
pub use error::MemcachedConfigError;
pub use store::MemcachedStore;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
