//! How a store is set up.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Clock;

use crate::address::Address;
use crate::error::ConfigError;
use crate::pool::{Manager, Pool};
use crate::step::Steps;
use crate::store::MemcachedStore;

/// What memcached takes for a key, less what a record's name needs.
const LONGEST_PREFIX: usize = 200;

/// Makes a [`MemcachedStore`] that is not as usual.
///
/// ```
/// use std::time::Duration;
/// use tower_auth_core::Clock;
/// use tower_auth_memcached::MemcachedStore;
///
/// let store = MemcachedStore::builder("unix:///run/memcached.sock", Clock::system())
///     .key_prefix("shop:")
///     .connections(4)
///     .timeout(Duration::from_millis(500))
///     .build()?;
/// # let _ = store;
/// # Ok::<(), tower_auth_memcached::ConfigError>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct MemcachedBuilder {
    address: String,
    clock: Clock,
    prefix: String,
    timeout: Duration,
    connections: usize,
    max_value: usize,
}

impl MemcachedStore {
    /// A store in the server at that address: `memcached://host:port`, or `unix:///path`.
    ///
    /// # Errors
    /// The address is none.
    pub fn new(address: &str, clock: Clock) -> Result<Self, ConfigError> {
        Self::builder(address, clock).build()
    }

    /// A store with settings.
    pub fn builder(address: &str, clock: Clock) -> MemcachedBuilder {
        MemcachedBuilder::new(address, clock)
    }
}

impl MemcachedBuilder {
    fn new(address: &str, clock: Clock) -> Self {
        Self {
            address: address.to_owned(),
            clock,
            prefix: "tower-auth:".to_owned(),
            timeout: Duration::from_secs(2),
            connections: 16,
            max_value: 1_000_000,
        }
    }

    /// What every key begins with, so that applications can share a server; `tower-auth:` unless it
    /// is said. Up to 200 printable ASCII characters, no space.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long a step may take, with the wait for a connection; 2 seconds unless it is said. After
    /// that it is [unavailable](tower_auth_core::store::ErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many connections are held at most; 16 unless it is said. Each carries one step at a time.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// How many bytes `meta` and `data` may have together; 1,000,000 unless it is said, what a
    /// server takes as it comes. Say more, or less, where the server was started with `-I`.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// The store. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// The address or the prefix is none, or a setting is nothing.
    pub fn build(self) -> Result<MemcachedStore, ConfigError> {
        let Self { address, clock, prefix, timeout, connections, max_value } = self;
        let zero = [
            ("timeout", timeout.is_zero()),
            ("connections", connections == 0),
            ("max_value", max_value == 0),
        ];
        if let Some((setter, _)) = zero.into_iter().find(|(_, is_zero)| *is_zero) {
            return Err(ConfigError::Zero(setter));
        }
        let address = Address::parse(&address)?;
        if prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(|it| it.is_ascii_graphic()) {
            return Err(ConfigError::Prefix);
        }
        // Another node may have been set to longer values.
        let longest = (max_value as u64).saturating_mul(2).max(1 << 21);
        let pool = Pool::builder(Manager { address, longest }).max_size(connections).build();
        // Refused only with time-outs of the pool's own, of which there are none.
        let pool = pool.map_err(|_| ConfigError::Pool)?;
        let steps = Steps { pool, clock, prefix, timeout, connections };
        Ok(MemcachedStore { steps, max_value })
    }
}

impl fmt::Debug for MemcachedBuilder {
    /// Without the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemcachedBuilder").finish_non_exhaustive()
    }
}
