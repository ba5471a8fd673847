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
//! A step is a look (`mg`) and a write (`ms`) that is done only where nothing changed since: over the
//! server's number of that very change, or, where nothing was, only if still nothing is. A load is one
//! round trip, a change two, and two more for each time that another was faster. Which state is newer is
//! decided by the record's own version; the server's number guards the write alone.
//!
//! # What it cannot promise
//!
//! Its [`Limits`] say so, and layers read them when they are built:
//!
//! - **It does not list.** There is no index by owner, and one that can be evicted would make sessions
//!   that nobody can kick. `list` and `end_owned` are [`Unsupported`].
//! - **It evicts**, and a restart leaves nothing. What an eviction would open again (marks of one-shot
//!   tokens, revocations, replay guards) must refuse such a store.
//!
//! What an eviction does to the rest only ever shuts a door:
//!
//! - A session that was evicted is one that never was: its holder is anonymous and logs in again.
//! - A tombstone that was evicted leaves nothing: the session still is gone. A write in flight that read
//!   the record before its end does not bring it back, for a save never creates.
//! - A family of refresh tokens that was evicted, or ended and its tombstone evicted, is unknown: each of
//!   its tokens is refused, the used ones and the current one. What is lost is that a thief who comes
//!   later is told apart from a stranger.
//!
//! # What to know
//!
//! - Values have up to 1,000,000 bytes ([`max_value`](MemcachedBuilder::max_value)): a server takes 1 MiB
//!   with everything around it, unless `-I` says otherwise.
//! - A server that has no room for a value drops what lay under the key, also where it refuses the
//!   write: that, too, is an eviction. Give it more memory than it needs, and no `-M`.
//! - A server that runs with `-C` numbers no changes; it is refused.
//! - One server. Behind a proxy that spreads keys over several, a step's look and write must reach the
//!   same one.
//! - Nothing is encrypted on the way and nobody is asked who they are: the store speaks neither TLS nor
//!   SASL. Use a private network, or a socket: `unix:///run/memcached.sock`.
//! - Time is the injected clock's alone. What is over lies ten minutes longer, so that the versions of its
//!   key go on; then the server's own expiry takes it. After an eviction they go on from the present
//!   moment.
//!
//! # The client
//!
//! Two commands, spoken by this crate itself, over connections that [deadpool] keeps. A connection whose
//! step was dropped before its answer was read is closed: the next step would take that answer, another's
//! record, for its own. Of the client crates, memcache-async 0.10 does not close it, and async-memcached 0.9
//! does, but depends on fxhash, which is not maintained any more.
//!
//! [deadpool]: https://docs.rs/deadpool
//! [`Limits`]: tower_auth_core::store::Limits
//! [`Unsupported`]: tower_auth_core::store::ErrorKind::Unsupported

#![warn(missing_debug_implementations)]

mod address;
mod builder;
mod client;
mod failure;
mod held;
mod pool;
mod step;
mod store;
mod ttl;

pub use builder::{ConfigError, MemcachedBuilder};
pub use store::MemcachedStore;
