//! The feed of changes by other clients, which the servers push.
//!
//! Each primary gets one RESP3 connection with `CLIENT TRACKING ON BCAST` for the prefixes of the
//! records' names, so the server keeps no state per key. The server pushes the names of changed
//! keys. It answers a command on the same connection after all earlier pushes.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tower_auth_core::store::{Feed, Listener};

use crate::inner::Inner;
use crate::join_all::join_all;
use crate::runtime::{now, sleep, spawn_on, timeout, timeout_at};
use crate::server::Unavailable;
use crate::store::RedisStore;

mod connection;
mod nodes;

use connection::{FeedConnection, PATIENCE};

/// The interval between two liveness queries.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The first and the longest pause before a lost feed starts again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// A feed of the changes to a [`RedisStore`]'s records, by any client. See [`RedisStore::feed`].
#[derive(Clone)]
pub struct RedisFeed(Arc<Inner>);

impl RedisStore {
    /// Creates a feed of the changes to this store's records, by any client.
    ///
    /// Each listener uses one connection to each primary. Once per second, the feed asks each
    /// primary whether it is alive and still a primary. If there are Sentinels, the feed also asks
    /// one of them for the primary's address. While any primary does not answer, the feed confirms
    /// nothing, so that a cache stops trusting its entries. If only the Sentinels are down, the
    /// feed goes on.
    ///
    /// Needs Redis 6 or later.
    #[must_use]
    pub fn feed(&self) -> RedisFeed {
        RedisFeed(self.0.clone())
    }
}

impl Feed for RedisFeed {
    fn follow(&self, listener: Weak<dyn Listener>) {
        spawn_on(&self.0.runtime, follow(self.0.clone(), listener));
    }
}

async fn follow(store: Arc<Inner>, listener: Weak<dyn Listener>) {
    let mut wait = BACKOFF.0;
    while listener.strong_count() > 0 {
        let broken = Arc::new(Notify::new());
        if let Ok(Ok(connections)) = timeout(PATIENCE, open(&store, &listener, &broken)).await {
            // Changes while there were no connections were not reported.
            if let Some(listener) = listener.upgrade() {
                listener.lost();
            }
            if beat(&store, &connections, &listener, &broken).await {
                wait = BACKOFF.0;
            }
            if let Some(listener) = listener.upgrade() {
                listener.lost();
            }
        }
        sleep(wait).await;
        wait = (wait * 2).min(BACKOFF.1);
    }
}

/// Opens a connection to each primary.
async fn open(
    store: &Inner,
    listener: &Weak<dyn Listener>,
    broken: &Arc<Notify>,
) -> Result<Vec<FeedConnection>, Unavailable> {
    let topology = &store.caller.topology;
    let mut primaries = Vec::new();
    for server in topology.primaries().await? {
        if !topology.is_cluster() {
            primaries.push(server.info().clone());
            continue;
        }
        // Includes primaries without slots, because keys may be about to move there.
        let mut connection = server.connection().await?;
        let nodes = nodes::ask(&mut connection).await?;
        primaries = nodes.primaries().map(|it| it.info(server.info())).collect();
        break;
    }
    let connections =
        primaries.iter().map(|info| FeedConnection::open(info, &store.names, listener, broken));
    join_all(connections).await.into_iter().collect()
}

/// Queries all connections at each interval, until one does not answer. Returns whether any round
/// of queries succeeded.
async fn beat(
    store: &Inner,
    connections: &[FeedConnection],
    listener: &Weak<dyn Listener>,
    broken: &Notify,
) -> bool {
    let mut lived = false;
    loop {
        let next = now() + HEARTBEAT;
        let Some(asked) = listener.upgrade().map(|it| it.asks()) else { return lived };
        tokio::select! {
            () = broken.notified() => return lived,
            live = timeout(PATIENCE, alive(store, connections)) => match live {
                Ok(Ok(())) => {}
                _ => return lived,
            },
        }
        let Some(told) = listener.upgrade() else { return lived };
        told.answered(asked);
        drop(told);
        lived = true;
        if timeout_at(next, broken.notified()).await.is_ok() {
            return lived;
        }
    }
}

/// Checks that every server that takes writes has a connection and answers on it.
async fn alive(store: &Inner, connections: &[FeedConnection]) -> Result<(), Unavailable> {
    let topology = &store.caller.topology;
    let cluster = topology.is_cluster();
    let answers = join_all(connections.iter().map(|connection| connection.ask(cluster))).await;
    let mut views = Vec::new();
    for answer in answers {
        views.extend(answer?);
    }
    if cluster {
        return nodes::all_followed(&views);
    }
    // A replaced primary may still consider itself a primary, so the Sentinels are asked too.
    let primaries = topology.primaries().await?;
    for connection in connections {
        let address = connection.info().addr();
        let known = primaries.iter().any(|it| it.info().addr() == address);
        if !known || !topology.names(address).await {
            return Err(Unavailable::new("another server is the primary now"));
        }
    }
    Ok(())
}

tower_auth_core::opaque_debug!(RedisFeed, "RedisFeed");
