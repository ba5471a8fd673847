//! The servers, and the choice of a server for each key.

use std::sync::Arc;

use redis::{ConnectionAddr, ConnectionInfo, RedisError};

use crate::server::{Server, Settings, Unavailable};

pub(crate) mod address;
mod cluster;
mod failover;
mod seeker;
mod sentinel;
pub(crate) mod slot;

use address::at;
use cluster::Cluster;
use sentinel::Sentinel;

/// The servers of a store.
pub(crate) enum Topology {
    /// A single server.
    Node(Arc<Server>),
    /// The server that the Sentinels name.
    Sentinel(Sentinel),
    /// Several servers, each of which has some of the hash slots.
    Cluster(Cluster),
}

impl Topology {
    pub(crate) fn node(info: &ConnectionInfo, settings: &Settings) -> Result<Self, Unavailable> {
        Ok(Self::Node(Arc::new(Server::start(info, settings)?)))
    }

    pub(crate) fn sentinel(
        sentinels: Vec<ConnectionInfo>,
        name: String,
        server: &ConnectionInfo,
        settings: &Settings,
    ) -> Self {
        Self::Sentinel(Sentinel::start(sentinels, name, server.clone(), settings.clone()))
    }

    pub(crate) fn cluster(seeds: Vec<ConnectionInfo>, settings: &Settings) -> Self {
        Self::Cluster(Cluster::start(seeds, settings.clone()))
    }

    /// Returns the server that has the key `name`. Waits while the servers are located for the
    /// first time.
    pub(crate) async fn server(&self, name: &str) -> Result<Arc<Server>, Unavailable> {
        match self {
            Self::Node(server) => Ok(server.clone()),
            Self::Sentinel(sentinel) => sentinel.server().await,
            Self::Cluster(cluster) => cluster.server(slot::of(name.as_bytes())).await,
        }
    }

    /// Returns the server that `error`, an answer of `from`, redirects to.
    pub(crate) fn redirected(
        &self,
        from: &Server,
        error: &RedisError,
    ) -> Result<Arc<Server>, Unavailable> {
        let Self::Cluster(cluster) = self else { return Err(Unavailable::new(error.clone())) };
        let address = error.redirect_node().and_then(|(address, _)| address.rsplit_once(':'));
        let Some((host, Ok(port))) = address.map(|(host, port)| (host, port.parse())) else {
            return Err(Unavailable::new(error.clone()));
        };
        cluster.at(&at(from.info(), host, port))
    }

    /// Returns all servers that take writes.
    pub(crate) async fn primaries(&self) -> Result<Vec<Arc<Server>>, Unavailable> {
        match self {
            Self::Node(server) => Ok(vec![server.clone()]),
            Self::Sentinel(sentinel) => Ok(vec![sentinel.server().await?]),
            Self::Cluster(cluster) => cluster.primaries().await,
        }
    }

    /// Returns `true` if `address` is still the primary's. With Sentinels, the Sentinels decide;
    /// otherwise the result is always `true`.
    pub(crate) async fn names(&self, address: &ConnectionAddr) -> bool {
        match self {
            Self::Sentinel(sentinel) => sentinel.names(address).await,
            Self::Node(_) | Self::Cluster(_) => true,
        }
    }

    /// Has the connections to `server` checked, and the slots of a cluster queried again. Call it
    /// after an error, or if `server` turned out not to have a key.
    pub(crate) fn doubt(&self, server: &Server) {
        server.doubt();
        if let Self::Cluster(cluster) = self {
            cluster.refresh();
        }
    }

    /// Whether one step may need several servers.
    pub(crate) const fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }
}
