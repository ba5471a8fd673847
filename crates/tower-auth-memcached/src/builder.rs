//! The builder of a store.

use std::fmt;
use std::time::Duration;

use tower_auth_core::Clock;

use crate::address::Address;
use crate::error::MemcachedConfigError;
use crate::pool::{Manager, Pool};
use crate::step::Steps;
use crate::store::MemcachedStore;

/// The longest prefix: memcached's limit of 250 bytes for a key, minus the space for a record's
/// key.
const LONGEST_PREFIX: usize = 200;

/// Builds a [`MemcachedStore`] with other settings than the defaults.
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
/// # Ok::<(), tower_auth_memcached::MemcachedConfigError>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct MemcachedStoreBuilder {
    address: String,
    clock: Clock,
    prefix: String,
    timeout: Duration,
    connections: usize,
    max_value: usize,
}

impl MemcachedStore {
    /// Creates a store on the server at `address`, with the default settings.
    ///
    /// The address is `memcached://host:port`, `tcp://host:port` or `unix:///path`. The store
    /// connects on first use.
    ///
    /// # Errors
    /// [`MemcachedConfigError`] if the address is invalid.
    pub fn new(address: &str, clock: Clock) -> Result<Self, MemcachedConfigError> {
        Self::builder(address, clock).build()
    }

    /// Returns a builder for a store on the server at `address`.
    pub fn builder(address: &str, clock: Clock) -> MemcachedStoreBuilder {
        MemcachedStoreBuilder::new(address, clock)
    }
}

impl MemcachedStoreBuilder {
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

    /// Sets the prefix of every key, so that several applications can share a server.
    ///
    /// Up to 200 printable ASCII characters without spaces. The default is `tower-auth:`.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the time limit of a step, including the wait for a connection. The default is 2
    /// seconds.
    ///
    /// A step that takes longer fails as
    /// [unavailable](tower_auth_core::store::StoreErrorKind::Unavailable).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum number of connections. The default is 16. A connection serves one step at a
    /// time.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Sets the maximum size of `meta` and `data` together, in bytes.
    ///
    /// The default is 1,000,000, which fits the default item size of a server. If the server runs
    /// with `-I`, set a size that fits.
    pub fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// Builds the store. It connects on first use, not here.
    ///
    /// # Errors
    /// [`MemcachedConfigError`] if the address or the prefix is invalid, or if a setting is zero.
    pub fn build(self) -> Result<MemcachedStore, MemcachedConfigError> {
        let Self { address, clock, prefix, timeout, connections, max_value } = self;
        let zero = [
            ("timeout", timeout.is_zero()),
            ("connections", connections == 0),
            ("max_value", max_value == 0),
        ];
        if let Some((setter, _)) = zero.into_iter().find(|(_, is_zero)| *is_zero) {
            return Err(MemcachedConfigError::Zero(setter));
        }
        let address = Address::parse(&address)?;
        if prefix.len() > LONGEST_PREFIX || !prefix.bytes().all(|it| it.is_ascii_graphic()) {
            return Err(MemcachedConfigError::Prefix);
        }
        // Another node may have stored longer values under a larger `max_value`.
        let longest = (max_value as u64).saturating_mul(2).max(1 << 21);
        let pool = Pool::builder(Manager { address, longest }).max_size(connections).build();
        // The pool fails to build only if it has time-outs of its own; none are set.
        let pool = pool.map_err(|_| MemcachedConfigError::Pool)?;
        let steps = Steps { pool, clock, prefix, timeout, connections };
        Ok(MemcachedStore { steps, max_value })
    }
}

impl fmt::Debug for MemcachedStoreBuilder {
    /// Omits the address, which may be confidential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemcachedStoreBuilder").finish_non_exhaustive()
    }
}
