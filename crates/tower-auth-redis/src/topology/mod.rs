//! Which server keeps a key.

use std::sync::Arc;

use redis::ConnectionInfo;

use crate::server::{Down, Server, Settings};

/// The servers, and who is asked for what.
pub(crate) enum Topology {
    /// One server.
    Node(Arc<Server>),
}

impl Topology {
    pub(crate) fn node(info: &ConnectionInfo, settings: Settings) -> Result<Self, Down> {
        Ok(Self::Node(Arc::new(Server::start(info, settings)?)))
    }

    /// The server that keeps what is called so.
    pub(crate) async fn server(&self, _name: &str) -> Result<Arc<Server>, Down> {
        match self {
            Self::Node(server) => Ok(server.clone()),
        }
    }

    /// All servers that take writes.
    pub(crate) async fn primaries(&self) -> Result<Vec<Arc<Server>>, Down> {
        match self {
            Self::Node(server) => Ok(vec![server.clone()]),
        }
    }

    /// Tells it that the server answered as one does that does not keep the key, or not any more.
    pub(crate) fn doubt(&self, server: &Server) {
        server.doubt();
        match self {
            Self::Node(_) => {}
        }
    }
}
