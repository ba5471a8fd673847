//! The supervisor of one connection: opens, checks and replaces it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use deadpool_redis::{Connection, Pool};
use redis::aio::{ConnectionLike, MultiplexedConnection};

use super::connection_slot::{ConnectionSlot, ServerSignals, State};
use super::role::is_primary;
use super::settings::Settings;
use super::unavailable::{NoPrimary, Unavailable};
use crate::runtime::{sleep, timeout};
use crate::script;

/// The interval between two checks of a connection without errors.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The minimum time that a connected server has to answer a check, so that a busy server is not
/// dropped.
const PATIENCE: Duration = Duration::from_secs(1);
/// The first and the longest pause after a failed attempt.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Supervises the connection in place `at` until the task is aborted.
pub(super) async fn supervise(
    at: usize,
    slots: Arc<[ConnectionSlot]>,
    pool: Pool,
    signals: Arc<ServerSignals>,
    settings: Settings,
) {
    let set = |state| {
        slots[at].set(state);
        signals.changed();
    };
    let mut wait = BACKOFF.0;
    loop {
        match connect(&pool, settings.timeout).await {
            Ok(connection) => {
                wait = BACKOFF.0;
                settings.made.fetch_add(1, Ordering::Relaxed);
                set(State::Ready(connection.clone()));
                watch(&connection, &signals, settings.timeout).await;
                set(State::Connecting);
                // Not returned to the pool, which would only test it again.
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

/// Opens a connection, and checks that the server is a primary.
async fn connect(pool: &Pool, patience: Duration) -> Result<Connection, Unavailable> {
    let connection =
        timeout(patience, pool.get()).await.map_err(Unavailable::new)?.map_err(Unavailable::new)?;
    if let Err(down) = look(&connection, patience).await {
        drop(Connection::take(connection));
        return Err(down);
    }
    // If loading is not permitted, a missing script is sent with its code when it is needed.
    let mut loading = connection.clone();
    let loaded = script::load();
    let _ = timeout(patience, loading.req_packed_commands(&loaded, 0, loaded.len())).await;
    Ok(connection)
}

/// Returns when the connection is broken or the server is no longer a primary.
async fn watch(connection: &MultiplexedConnection, signals: &ServerSignals, patience: Duration) {
    let mut doubt = signals.doubt.subscribe();
    loop {
        // Checks in either case. `changed` fails only if the server is dropped.
        let _ = timeout(HEARTBEAT, doubt.changed()).await;
        if look(connection, patience.max(PATIENCE)).await.is_err() {
            return;
        }
    }
}

async fn look(connection: &MultiplexedConnection, patience: Duration) -> Result<(), Unavailable> {
    let mut connection = connection.clone();
    match timeout(patience, is_primary(&mut connection)).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Unavailable::new(NoPrimary)),
        Ok(Err(error)) => Err(Unavailable::new(error)),
        Err(elapsed) => Err(Unavailable::new(elapsed)),
    }
}
