//! How a store is made.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use redis::{ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo};
use tokio::runtime::Handle;
use tower_auth_core::Clock;
use tower_auth_core::store::{Limits, StoreError};

use crate::caller::Caller;
use crate::error::ConfigError;
use crate::indexed::Indexed;
use crate::inner::Inner;
use crate::names::Names;
use crate::runtime::timeout;
use crate::server::{Down, Settings};
use crate::store::RedisStore;
use crate::topology::Topology;

/// The longest that building a store waits for the server.
const PATIENCE: Duration = Duration::from_secs(5);

/// Settings of a [`RedisStore`]; ends in [`build`](Self::build).
#[must_use = "a builder does nothing until it is built"]
pub struct Builder {
    clock: Clock,
    place: Place,
    prefix: String,
    timeout: Duration,
    in_flight: usize,
    max_value: usize,
    connections: usize,
    evicts: Option<bool>,
    login: Option<RedisConnectionInfo>,
    confirm: Option<(u32, Duration)>,
}

/// Where the servers are.
enum Place {
    Node(Vec<Option<ConnectionInfo>>),
    Sentinel(Vec<Option<ConnectionInfo>>, String),
    Cluster(Vec<Option<ConnectionInfo>>),
}

impl RedisStore {
    /// On a single server: `redis://…`, or, with feature `tls`, `rediss://…`.
    pub fn node(address: impl IntoConnectionInfo, clock: Clock) -> Builder {
        Builder::new(Place::Node(vec![parsed(address)]), clock)
    }

    /// On the server that the Sentinels at these addresses call the primary of that name.
    ///
    /// The store follows a fail-over: the Sentinels tell of it, on a connection to each, and are asked
    /// every second should they not; a connection that leads to a demoted server is dropped.
    pub fn sentinel<A: IntoConnectionInfo>(
        sentinels: impl IntoIterator<Item = A>,
        name: impl Into<String>,
        clock: Clock,
    ) -> Builder {
        let sentinels = sentinels.into_iter().map(parsed).collect();
        Builder::new(Place::Sentinel(sentinels, name.into()), clock)
    }

    /// On a Redis Cluster, of which these are some of the nodes.
    ///
    /// Each record is in a slot of its own, and an owner's index in another: no key is bound to
    /// another by a hash tag, so the load spreads evenly.
    pub fn cluster<A: IntoConnectionInfo>(
        nodes: impl IntoIterator<Item = A>,
        clock: Clock,
    ) -> Builder {
        Builder::new(Place::Cluster(nodes.into_iter().map(parsed).collect()), clock)
    }
}

impl Builder {
    fn new(place: Place, clock: Clock) -> Self {
        Self {
            clock,
            place,
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

    /// What the names of all keys begin with; `ta:` unless said. Two applications on one server
    /// take two.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// How long each round trip of a step may take before it is an error; 500 ms unless said, which is
    /// longer than a healthy server ever needs and shorter than a person's patience.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many steps may be under way at once; 1024 unless said. The others wait, within their
    /// time-out: a server that is slow gets no avalanche.
    pub const fn max_in_flight(mut self, steps: usize) -> Self {
        self.in_flight = steps;
        self
    }

    /// How many bytes a record's `meta` and `data` may have together; 1 MiB unless said. A server
    /// does nothing else while it moves a large value.
    pub const fn max_value(mut self, bytes: usize) -> Self {
        self.max_value = bytes;
        self
    }

    /// How many connections are held to each server; 1 unless said. Each is shared by everybody:
    /// one carries several hundred thousand steps a second, more help where values are large.
    pub const fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// Says that the server never evicts live keys, where it does not let itself be asked.
    ///
    /// The store asks for `maxmemory-policy`. Hosted servers often refuse; then the store must
    /// assume that records may vanish, and is refused by what an eviction would re-open.
    pub const fn assume_no_eviction(mut self) -> Self {
        self.evicts = Some(false);
        self
    }

    /// With which user, password and database the servers that Sentinels name are spoken to; those of
    /// the first Sentinel's address unless said.
    pub fn login(mut self, login: RedisConnectionInfo) -> Self {
        self.login = Some(login);
        self
    }

    /// Has so many replicas confirm every end, and waits for them so long; nobody is asked unless said.
    ///
    /// Redis acknowledges before it replicates. When a primary dies, an end (a logout, a kick) that it
    /// acknowledged within the replication lag may die with it, and the session is alive again. With
    /// this on, an end is reported as
    /// [`Unconfirmed`](tower_auth_core::store::ErrorKind::Unconfirmed) unless the replicas have it
    /// (`WAIT`, on a connection of its own). It was done then, and may be asked for again.
    ///
    /// Name as many as there are: in a fail-over any of them may become the primary, also one that has
    /// confirmed nothing. With two replicas behind Sentinels and one confirmation, ends are undone.
    pub const fn confirm_ends(mut self, replicas: u32, patience: Duration) -> Self {
        self.confirm = Some((replicas, patience));
        self
    }

    /// Connects. The connections live in the runtime that this is called in.
    ///
    /// # Errors
    /// A setting that cannot be meant; no primary that answers within some seconds.
    pub async fn build(self) -> Result<RedisStore, ConfigError> {
        let zero = [
            ("timeout", self.timeout.is_zero()),
            ("max_in_flight", self.in_flight == 0),
            ("max_value", self.max_value == 0),
            ("connections", self.connections == 0),
            ("confirm_ends", self.confirm.is_some_and(|(replicas, _)| replicas == 0)),
        ];
        if let Some((setter, _)) = zero.into_iter().find(|(_, is_zero)| *is_zero) {
            return Err(ConfigError::Zero(setter));
        }
        let made = Arc::default();
        let indexed = Indexed::new(Arc::clone(&made));
        let settings = Settings { connections: self.connections, timeout: self.timeout, made };
        let topology = self.place.start(self.login, &settings)?;
        let policies = timeout(PATIENCE, policies(&topology)).await;
        let evicts = policies.map_err(|it| unreachable(Down::new(it)))?.map_err(unreachable)?;
        let limits = Limits::new(self.max_value).evicts(self.evicts.unwrap_or(evicts));
        // A record and its entry are two round trips at most; an end is one, and the replicas'.
        let confirmation = self.confirm.map_or(Duration::ZERO, |(_, patience)| patience);
        let round_trips = self.timeout.saturating_mul(2);
        let limits = limits.patience(round_trips.saturating_add(confirmation));
        let caller = Caller::new(topology, self.in_flight, self.timeout, self.confirm);
        let runtime = Handle::current();
        let (names, clock) = (Names::new(self.prefix), self.clock);
        Ok(RedisStore(Arc::new(Inner { caller, names, clock, limits, indexed, runtime })))
    }
}

impl Place {
    fn start(
        self,
        login: Option<RedisConnectionInfo>,
        settings: &Settings,
    ) -> Result<Topology, ConfigError> {
        let (Self::Node(addresses) | Self::Sentinel(addresses, _) | Self::Cluster(addresses)) =
            &self;
        let addresses: Option<Vec<_>> = addresses.iter().cloned().collect();
        let addresses = addresses.ok_or(ConfigError::Address)?;
        #[cfg(feature = "tls")]
        provide_cryptography();
        let first = addresses.first().ok_or(ConfigError::NoAddress)?.clone();
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

/// Rustls panics at the first connection where the application has chosen no provider, and the
/// features of all crates together do not name exactly one.
#[cfg(feature = "tls")]
fn provide_cryptography() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Refused only where somebody else was faster.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// The address, if it is one.
fn parsed(address: impl IntoConnectionInfo) -> Option<ConnectionInfo> {
    address.into_connection_info().ok().filter(|it| it.addr().is_supported())
}

fn unreachable(down: Down) -> ConfigError {
    ConfigError::Unreachable(StoreError::unavailable(down))
}

/// Whether any primary may evict live keys, or does not say.
async fn policies(topology: &Topology) -> Result<bool, Down> {
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

tower_auth_core::opaque_debug!(Builder, "redis::Builder");
