//! The builder of a store.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};
use tokio::runtime::Handle;
use tower_auth_core::Clock;
use tower_auth_core::store::{Limits, StoreError};

use crate::caller::Caller;
use crate::error::RedisConfigError;
use crate::index_cache::IndexCache;
use crate::inner::Inner;
use crate::names::Names;
use crate::runtime::timeout;
use crate::server::{Settings, Unavailable};
use crate::store::RedisStore;
use crate::topology::Topology;

/// The time limit for connecting while a store is built.
const PATIENCE: Duration = Duration::from_secs(5);

/// Builds a [`RedisStore`] with other settings than the defaults.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use tower_auth_core::Clock;
/// use tower_auth_redis::RedisStore;
///
/// let store = RedisStore::node("redis://127.0.0.1:6379", Clock::system())
///     .key_prefix("shop:")
///     .timeout(Duration::from_millis(250))
///     .confirm_ends(2, Duration::from_millis(100))
///     .build()
///     .await?;
/// # let _ = store; Ok(()) }
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct RedisStoreBuilder {
    clock: Clock,
    deployment: Deployment,
    prefix: String,
    timeout: Duration,
    in_flight: usize,
    max_value: usize,
    connections: usize,
    evicts: Option<bool>,
    login: Option<RedisConnectionInfo>,
    confirm: Option<(u32, Duration)>,
}

/// The addresses of the servers, by topology.
enum Deployment {
    Node(Vec<Option<ConnectionInfo>>),
    Sentinel(Vec<Option<ConnectionInfo>>, String),
    Cluster(Vec<Option<ConnectionInfo>>),
}

impl RedisStore {
    /// Returns a builder for a store on a single server.
    ///
    /// The address is `redis://…`, or `rediss://…` with feature `tls`.
    pub fn node(address: impl IntoConnectionInfo, clock: Clock) -> RedisStoreBuilder {
        RedisStoreBuilder::new(Deployment::Node(vec![parsed(address)]), clock)
    }

    /// Returns a builder for a store on the primary that the Sentinels call `name`.
    ///
    /// The store follows a fail-over: the Sentinels announce it, on a connection to each of them.
    /// The store also asks one of them every second, in case an announcement is lost. It drops a
    /// connection that leads to a demoted server.
    pub fn sentinel<A: IntoConnectionInfo>(
        sentinels: impl IntoIterator<Item = A>,
        name: impl Into<String>,
        clock: Clock,
    ) -> RedisStoreBuilder {
        let sentinels = sentinels.into_iter().map(parsed).collect();
        RedisStoreBuilder::new(Deployment::Sentinel(sentinels, name.into()), clock)
    }

    /// Returns a builder for a store on a Redis Cluster. `nodes` are the addresses of some of its
    /// nodes.
    ///
    /// Each record is in a slot of its own, and an owner's index is in another. No hash tag binds
    /// keys to each other, so the load spreads evenly.
    pub fn cluster<A: IntoConnectionInfo>(
        nodes: impl IntoIterator<Item = A>,
        clock: Clock,
    ) -> RedisStoreBuilder {
        RedisStoreBuilder::new(Deployment::Cluster(nodes.into_iter().map(parsed).collect()), clock)
    }
}

impl RedisStoreBuilder {
    fn new(deployment: Deployment, clock: Clock) -> Self {
        Self {
            clock,
            deployment,
            prefix: "ta:".to_owned(),
            timeout: Duration::from_millis(500),
            in_flight: 1024,
            max_value: 1 << 20,
            connections: 1,
            evicts: None,
            login: None,
            confirm: None,
        }
    }

    /// Sets the prefix of all keys. The default is `ta:`.
    ///
    /// Applications that share a server need different prefixes.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the time limit of each round trip of a step. The default is 500 ms.
    ///
    /// The default is longer than a healthy server ever needs, and shorter than a user's patience.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximum number of concurrent steps. The default is 1024.
    ///
    /// Further steps wait within their time-out, so that a slow server is not flooded.
    pub const fn max_in_flight(mut self, steps: usize) -> Self {
        self.in_flight = steps;
        self
    }

    /// Sets the maximum size of a record's `meta` and `data` together, in bytes. The default is 1
    /// MiB.
    ///
    /// A server does nothing else while it transfers a large value.
    pub const fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// Sets the number of connections to each server. The default is 1.
    ///
    /// All steps share the connections. One connection carries several hundred thousand steps per
    /// second. More connections help with large values.
    pub const fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Declares that the server never evicts live keys.
    ///
    /// The store otherwise reads the server's `maxmemory-policy`. Hosted servers often refuse that
    /// command. Then the store must assume that records may vanish, and a layer refuses the store
    /// if an eviction would permit something that was forbidden.
    pub const fn assume_no_eviction(mut self) -> Self {
        self.evicts = Some(false);
        self
    }

    /// Sets the user, password and database for the servers that Sentinels name. The default is
    /// those of the first Sentinel's address.
    pub fn login(mut self, login: RedisConnectionInfo) -> Self {
        self.login = Some(login);
        self
    }

    /// Waits up to `patience` for `replicas` replicas to confirm each end. Off by default.
    ///
    /// Redis acknowledges a write before it replicates it. If a primary fails, it may lose an end
    /// (a logout, a kick) that it acknowledged within the replication lag. The session is then
    /// valid again. With this setting, an end is reported as
    /// [`Unconfirmed`](tower_auth_core::store::StoreErrorKind::Unconfirmed) unless the replicas have it
    /// (`WAIT`, on a separate connection). The primary has applied an unconfirmed end; the caller
    /// can request it again.
    ///
    /// Set `replicas` to the number of replicas. In a fail-over any of them may become the primary,
    /// including one that confirmed nothing. With two replicas behind Sentinels and one
    /// confirmation, a fail-over can undo ends.
    pub const fn confirm_ends(mut self, replicas: u32, patience: Duration) -> Self {
        self.confirm = Some((replicas, patience));
        self
    }

    /// Connects and builds the store. The connections live in the current Tokio runtime.
    ///
    /// # Errors
    /// [`RedisConfigError`] if an address is missing or invalid, if a setting is zero, or if no primary
    /// answers within 5 seconds.
    pub async fn build(self) -> Result<RedisStore, RedisConfigError> {
        let zero = [
            ("timeout", self.timeout.is_zero()),
            ("max_in_flight", self.in_flight == 0),
            ("max_value", self.max_value == 0),
            ("connections", self.connections == 0),
            ("confirm_ends", self.confirm.is_some_and(|(replicas, _)| replicas == 0)),
        ];
        if let Some((setter, _)) = zero.into_iter().find(|(_, is_zero)| *is_zero) {
            return Err(RedisConfigError::Zero(setter));
        }
        let made = Arc::default();
        let index_cache = IndexCache::new(Arc::clone(&made));
        let settings = Settings { connections: self.connections, timeout: self.timeout, made };
        let topology = self.deployment.start(self.login, &settings)?;
        let policies = timeout(PATIENCE, policies(&topology)).await;
        let evicts =
            policies.map_err(|it| unreachable(Unavailable::new(it)))?.map_err(unreachable)?;
        let limits = Limits::new(self.max_value).evicts(self.evicts.unwrap_or(evicts));
        // A record and its index entry take at most two round trips. An end takes one, plus the
        // confirmation.
        let confirmation = self.confirm.map_or(Duration::ZERO, |(_, patience)| patience);
        let round_trips = self.timeout.saturating_mul(2);
        let limits = limits.patience(round_trips.saturating_add(confirmation));
        let caller = Caller::new(topology, self.in_flight, self.timeout, self.confirm);
        let runtime = Handle::current();
        let (names, clock) = (Names::new(self.prefix), self.clock);
        Ok(RedisStore(Arc::new(Inner { caller, names, clock, limits, index_cache, runtime })))
    }
}

impl Deployment {
    fn start(
        self,
        login: Option<RedisConnectionInfo>,
        settings: &Settings,
    ) -> Result<Topology, RedisConfigError> {
        let (Self::Node(addresses) | Self::Sentinel(addresses, _) | Self::Cluster(addresses)) =
            &self;
        let addresses: Option<Vec<_>> = addresses.iter().cloned().collect();
        let addresses = addresses.ok_or(RedisConfigError::Address)?;
        #[cfg(feature = "tls")]
        provide_cryptography();
        let first = addresses.first().ok_or(RedisConfigError::NoAddress)?.clone();
        let first = match login {
            Some(login) => first.set_redis_settings(login),
            None => first,
        };
        match self {
            Self::Node(_) => Topology::node(&first, settings).map_err(unreachable),
            Self::Sentinel(_, name) => Ok(Topology::sentinel(addresses, name, &first, settings)),
            Self::Cluster(_) => Ok(Topology::cluster(addresses, settings)),
        }
    }
}

/// Installs a cryptography provider for rustls, unless the application has chosen one.
///
/// Otherwise rustls panics at the first connection if the features of all crates together do not
/// select exactly one provider.
#[cfg(feature = "tls")]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only if another thread was faster.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// Returns the address if it is valid and supported.
fn parsed(address: impl IntoConnectionInfo) -> Option<ConnectionInfo> {
    address.into_connection_info().ok().filter(|it| it.addr().is_supported())
}

fn unreachable(down: Unavailable) -> RedisConfigError {
    RedisConfigError::Unreachable(StoreError::unavailable(down))
}

/// Whether any primary may evict live keys or does not report its policy.
async fn policies(topology: &Topology) -> Result<bool, Unavailable> {
    let mut evicts = false;
    for server in topology.primaries().await? {
        let mut connection = server.connection().await?;
        let mut ask = redis::cmd("CONFIG");
        ask.arg("GET").arg("maxmemory-policy");
        let answer: Result<HashMap<String, String>, _> = ask.query_async(&mut connection).await;
        let policy = answer.ok().and_then(|mut it| it.remove("maxmemory-policy"));
        evicts |= policy.as_deref() != Some("noeviction");
    }
    Ok(evicts)
}

tower_auth_core::opaque_debug!(RedisStoreBuilder, "Builder");
