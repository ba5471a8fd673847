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
//! A step reads the value (`mg`) and, if it changes something, writes it back (`ms`). The write is
//! conditional: it replaces the very value that was read, by the server's change number (CAS), or adds one
//! only if there still is none. If another client was faster, the step reads and decides again. So a load
//! is one round trip, a change is two, and each lost race adds two. The record's own version decides which
//! state is newer; the server's number guards the write alone.
//!
//! # What it cannot promise
//!
//! The store's [`Limits`] say so, and layers read them when they are built:
//!
//! - **It does not list.** Memcached has no index by owner. An index in a value of its own could be
//!   evicted, and would leave sessions that cannot be ended. `list` and `end_owned` are [`Unsupported`].
//! - **It evicts**, and a restart loses everything. A layer refuses the store if an eviction would open
//!   something again: marks of one-shot tokens, revocations, replay guards.
//!
//! For everything else an eviction fails closed:
//!
//! - An evicted session is unknown: its user is anonymous and logs in again.
//! - If the tombstone of an ended session is evicted, the session is still gone. A write that read the
//!   record before the end does not restore it, because a save never creates.
//! - A family of refresh tokens that was evicted, or ended and its tombstone evicted, is unknown: the store
//!   refuses each of its tokens, used and current. The store can then no longer tell a reused token from an
//!   unknown one, so the theft is not reported.
//!
//! # Notes for operators
//!
//! - Values have up to 1,000,000 bytes ([`max_value`](MemcachedBuilder::max_value)). A server takes items
//!   of up to 1 MiB, key and overhead included, unless `-I` sets another size.
//! - A server without room for a value drops the old value of the key even if it refuses the write; that,
//!   too, is an eviction. Give the server more memory than it needs, and do not set `-M`.
//! - A server that runs with `-C` has no change numbers; the store refuses it.
//! - The store uses one server. Behind a proxy that spreads keys over several, the read and the write of
//!   one step must reach the same server.
//! - The store speaks neither TLS nor SASL, so nothing is encrypted or authenticated. Use a private network
//!   or a socket: `unix:///run/memcached.sock`.
//! - An IPv6 address stands in brackets: `memcached://[fd00::7]:11211`.
//! - Only the injected clock decides what has expired. An expired value stays ten minutes longer, so that
//!   the versions of its key continue; then the server removes it. After an eviction, versions start at the
//!   current time.
//!
//! # The client
//!
//! This crate speaks the two commands itself, over connections that [deadpool] keeps. A connection is
//! closed if its step was dropped before the answer was read; otherwise the next step would read that
//! answer, which may be another user's record. For the same reason each answer repeats the key, and an
//! answer for another key closes the connection. Of the client crates, memcache-async 0.10 does not close
//! the connection; async-memcached 0.9 does, but depends on fxhash, which is no longer maintained.
//!
//! [deadpool]: https://docs.rs/deadpool
//! [`Limits`]: tower_auth_core::store::Limits
//! [`Unsupported`]: tower_auth_core::store::ErrorKind::Unsupported

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_debug_implementations)]

mod address;
mod builder;
mod client;
mod error;
mod failure;
mod held;
mod pool;
mod step;
mod store;
mod ttl;

pub use builder::MemcachedBuilder;
pub use error::ConfigError;
pub use store::MemcachedStore;

/// Compiles the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
