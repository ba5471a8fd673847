//! Keeps one connection: makes it, looks after it, makes it anew.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool_redis::{Connection, Pool};
use redis::aio::{ConnectionLike, MultiplexedConnection};

use super::down::{Down, NoPrimary};
use super::place::{Place, Signs, State};
use super::role::is_primary;
use super::settings::Settings;
use crate::runtime::{sleep, timeout};
use crate::script;

/// How often a connection that nobody doubts is looked at.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long a server that answered before may take to answer again, at least: a busy one is not left.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long after a failed attempt the next is made: at first, and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Runs until it is aborted.
pub(super) async fn keep(
    at: usize,
    places: Arc<[Place]>,
    pool: Pool,
    signs: Arc<Signs>,
    settings: Settings,
) {
    let set = |state| {
        places[at].set(state);
        signs.changed();
    };
    let mut wait = BACKOFF.0;
    loop {
        match connect(&pool, settings.timeout).await {
            Ok(connection) => {
                wait = BACKOFF.0;
                settings.made.fetch_add(1, Ordering::Relaxed);
                set(State::Ready(connection.clone()));
                watch(&connection, &signs, settings.timeout).await;
                set(State::Connecting);
                // Not back into the pool, which would only try it again.
                drop(Connection::take(connection));
            }
            Err(down) => {
                set(State::Down(down));
                sleep(wait).await;
                wait = (wait * 2).min(BACKOFF.1);
            }
        }
    }
}

/// A connection to a server that is a primary.
async fn connect(pool: &Pool, patience: Duration) -> Result<Connection, Down> {
    let connection = timeout(patience, pool.get()).await.map_err(Down::new)?.map_err(Down::new)?;
    if let Err(down) = look(&connection, patience).await {
        drop(Connection::take(connection));
        return Err(down);
    }
    // Where that is not allowed each script is said whole once it is missed.
    let mut loading = connection.clone();
    let loaded = script::load();
    let _ = timeout(patience, loading.req_packed_commands(&loaded, 0, loaded.len())).await;
    Ok(connection)
}

/// Returns when the connection is broken, or the server no primary any more.
async fn watch(connection: &MultiplexedConnection, signs: &Signs, patience: Duration) {
    let mut doubt = signs.doubt.subscribe();
    loop {
        // Both ways it is looked at; `changed` fails only where the server is dropped.
        let _ = timeout(HEARTBEAT, doubt.changed()).await;
        if look(connection, patience.max(PATIENCE)).await.is_err() {
            return;
        }
    }
}

async fn look(connection: &MultiplexedConnection, patience: Duration) -> Result<(), Down> {
    let mut connection = connection.clone();
    match timeout(patience, is_primary(&mut connection)).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Down::new(NoPrimary)),
        Ok(Err(error)) => Err(Down::new(error)),
        Err(elapsed) => Err(Down::new(elapsed)),
    }
}
