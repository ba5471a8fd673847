//! Queries to the Sentinels.

use std::sync::atomic::{AtomicUsize, Ordering};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo};
use tokio::sync::watch;

use super::address::at;
use crate::runtime::timeout;
use crate::server::{Settings, Unavailable};

/// The Sentinels of one primary.
pub(super) struct Seeker {
    pub(super) sentinels: Vec<ConnectionInfo>,
    pub(super) name: String,
    /// The connection settings for the servers.
    pub(super) server: ConnectionInfo,
    pub(super) settings: Settings,
    /// The Sentinel that is asked first, a different one each time.
    first: AtomicUsize,
    /// The new primary that a Sentinel announced. `None` means that the Sentinels must be asked
    /// again.
    pub(super) told: watch::Sender<Option<ConnectionInfo>>,
}

impl Seeker {
    pub(super) fn new(
        sentinels: Vec<ConnectionInfo>,
        name: String,
        server: ConnectionInfo,
        settings: Settings,
    ) -> Self {
        let (first, told) = (AtomicUsize::new(0), watch::Sender::new(None));
        Self { sentinels, name, server, settings, first, told }
    }

    /// Returns the primary's address from the first Sentinel that knows it.
    pub(super) async fn ask(&self) -> Result<ConnectionInfo, Unavailable> {
        let mut why = Unavailable::new("there is no Sentinel to ask");
        let first = self.first.fetch_add(1, Ordering::Relaxed);
        for at in 0..self.sentinels.len() {
            let sentinel = &self.sentinels[first.wrapping_add(at) % self.sentinels.len()];
            match timeout(self.settings.timeout, self.ask_one(sentinel)).await {
                Ok(Ok(info)) => return Ok(info),
                Ok(Err(down)) => why = down,
                Err(elapsed) => why = Unavailable::new(elapsed),
            }
        }
        Err(why)
    }

    async fn ask_one(&self, sentinel: &ConnectionInfo) -> Result<ConnectionInfo, Unavailable> {
        let mut connection = self.connect(sentinel, AsyncConnectionConfig::new()).await?;
        let mut ask = redis::cmd("SENTINEL");
        ask.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.name);
        let answer: Option<(String, u16)> =
            ask.query_async(&mut connection).await.map_err(Unavailable::new)?;
        let (host, port) =
            answer.ok_or_else(|| Unavailable::new("the Sentinels know no primary of this name"))?;
        Ok(at(&self.server, &host, port))
    }

    pub(super) async fn connect(
        &self,
        sentinel: &ConnectionInfo,
        config: AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, Unavailable> {
        // A Sentinel has no databases.
        let settings = sentinel.redis_settings().clone().set_db(0);
        let client = Client::open(sentinel.clone().set_redis_settings(settings));
        let client = client.map_err(Unavailable::new)?;
        let config = config.set_connection_timeout(Some(self.settings.timeout));
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        connection.await.map_err(Unavailable::new)
    }
}
