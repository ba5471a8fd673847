//! Which server keeps a key.

use std::sync::Arc;

use redis::{ConnectionAddr, ConnectionInfo, RedisError};

use crate::server::{Down, Server, Settings};

pub(crate) mod address;
mod cluster;
mod seeker;
mod sentinel;
pub(crate) mod slot;
mod switches;

use address::at;
use cluster::Cluster;
use sentinel::Sentinel;

/// The servers, and who is asked for what.
pub(crate) enum Topology {
    /// One server.
    Node(Arc<Server>),
    /// The one that the Sentinels name.
    Sentinel(Sentinel),
    /// Many, each with its slots.
    Cluster(Cluster),
}

impl Topology {
    pub(crate) fn node(info: &ConnectionInfo, settings: &Settings) -> Result<Self, Down> {
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

    /// The server that keeps what is called so. Waits while the servers are looked for at first.
    pub(crate) async fn server(&self, name: &str) -> Result<Arc<Server>, Down> {
        match self {
            Self::Node(server) => Ok(server.clone()),
            Self::Sentinel(sentinel) => sentinel.server().await,
            Self::Cluster(cluster) => cluster.server(slot::of(name.as_bytes())).await,
        }
    }

    /// The server that another sends us to.
    pub(crate) fn redirected(
        &self,
        from: &Server,
        error: &RedisError,
    ) -> Result<Arc<Server>, Down> {
        let Self::Cluster(cluster) = self else { return Err(Down::new(error.clone())) };
        let address = error.redirect_node().and_then(|(address, _)| address.rsplit_once(':'));
        let Some((host, Ok(port))) = address.map(|(host, port)| (host, port.parse())) else {
            return Err(Down::new(error.clone()));
        };
        cluster.at(&at(from.info(), host, port))
    }

    /// All servers that take writes.
    pub(crate) async fn primaries(&self) -> Result<Vec<Arc<Server>>, Down> {
        match self {
            Self::Node(server) => Ok(vec![server.clone()]),
            Self::Sentinel(sentinel) => Ok(vec![sentinel.server().await?]),
            Self::Cluster(cluster) => cluster.primaries().await,
        }
    }

    /// Whether that address is still where writes go, by those who decide it.
    pub(crate) async fn names(&self, address: &ConnectionAddr) -> bool {
        match self {
            Self::Sentinel(sentinel) => sentinel.names(address).await,
            Self::Node(_) | Self::Cluster(_) => true,
        }
    }

    /// Tells it that something is wrong with the server, or with the belief that it keeps a key.
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
