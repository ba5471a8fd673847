//! The changes that others make, pushed by the server.
//!
//! One connection to each primary, in RESP3 with `CLIENT TRACKING ON BCAST` on what names of records
//! begin with, so the server keeps nothing per key. It pushes the names of what changes; what is
//! asked on the same connection is answered after all that was pushed before.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tower_auth_core::store::{Feed, Listener};

use crate::inner::Inner;
use crate::runtime::{now, sleep, spawn_on, timeout, timeout_at};
use crate::server::Down;
use crate::store::RedisStore;
use crate::together::together;

mod line;
mod nodes;

use line::{Line, PATIENCE};

/// How often the servers are asked for a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How soon a feed that was lost is begun anew: at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Tells of changes to a [`RedisStore`]'s records, whoever makes them: see [`RedisStore::feed`].
#[derive(Clone)]
pub struct RedisFeed(Arc<Inner>);

impl RedisStore {
    /// Tells of changes to this store's records, whoever makes them.
    ///
    /// Each listener costs one connection to each primary. Every second each primary is asked on it
    /// whether it lives and is one, and a Sentinel, where there are any, whom it names; while any does
    /// not answer, no question is answered, so that a cache stops to trust what it knows. Sentinels
    /// alone may be away. Needs Redis 6 or later.
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
        if let Ok(Ok(lines)) = timeout(PATIENCE, open(&store, &listener, &broken)).await {
            // What changed while there were no lines was told to nobody.
            if let Some(listener) = listener.upgrade() {
                listener.lost();
            }
            if beat(&store, &lines, &listener, &broken).await {
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

/// A line to each primary.
async fn open(
    store: &Inner,
    listener: &Weak<dyn Listener>,
    broken: &Arc<Notify>,
) -> Result<Vec<Line>, Down> {
    let topology = &store.caller.topology;
    let mut primaries = Vec::new();
    for server in topology.primaries().await? {
        if !topology.is_cluster() {
            primaries.push(server.info().clone());
            continue;
        }
        // Also who has no slots yet: keys may be on their way there.
        let mut connection = server.connection().await?;
        let nodes = nodes::ask(&mut connection).await?;
        primaries = nodes.primaries().map(|it| it.info(server.info())).collect();
        break;
    }
    let lines = primaries.iter().map(|info| Line::open(info, &store.names, listener, broken));
    together(lines).await.into_iter().collect()
}

/// Asks all lines for a sign of life, again and again, until one gives none; whether any was given.
async fn beat(
    store: &Inner,
    lines: &[Line],
    listener: &Weak<dyn Listener>,
    broken: &Notify,
) -> bool {
    let mut lived = false;
    loop {
        let next = now() + HEARTBEAT;
        let Some(asked) = listener.upgrade().map(|it| it.asks()) else { return lived };
        tokio::select! {
            () = broken.notified() => return lived,
            live = timeout(PATIENCE, alive(store, lines)) => match live {
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

/// Whether everybody who takes writes has a line, and answers on it.
async fn alive(store: &Inner, lines: &[Line]) -> Result<(), Down> {
    let topology = &store.caller.topology;
    let cluster = topology.is_cluster();
    let answers = together(lines.iter().map(|line| line.ask(cluster))).await;
    let mut views = Vec::new();
    for answer in answers {
        views.extend(answer?);
    }
    if cluster {
        return nodes::all_followed(&views);
    }
    // Who is no primary for the others may still be one for itself: the Sentinels are asked, too.
    let primaries = topology.primaries().await?;
    for line in lines {
        let address = line.info().addr();
        let known = primaries.iter().any(|it| it.info().addr() == address);
        if !known || !topology.names(address).await {
            return Err(Down::new("another is the primary now"));
        }
    }
    Ok(())
}

tower_auth_core::opaque_debug!(RedisFeed, "RedisFeed");
