//! The feed of changes by other nodes: `LISTEN` on a connection of its own.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};
use tokio::runtime::Handle;
use tower_auth_core::store::{Feed, Listener};

use crate::runtime::{now, sleep, spawn_on, timeout, timeout_at};

/// The interval between two liveness queries.
pub(super) const BEAT: Duration = Duration::from_secs(1);
/// The time limit for connecting and for each liveness query.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first and the longest pause before connecting again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// A feed of every change to a [`PostgresStore`](super::PostgresStore)'s table, regardless of the
/// client that makes it.
///
/// A trigger on the table sends a notification in the transaction that makes the change. The feed
/// listens on a connection of its own, outside of the pool. Once per second, it queries on the same
/// connection whether the server is alive and still accepts writes.
///
/// The feed reports a loss and connects again if the connection breaks, if 2 seconds pass without
/// an answer, or if the server has become a standby.
/// [`PostgresStore::feed`](super::PostgresStore::feed) creates it.
pub struct PostgresFeed {
    pub(super) options: Arc<PgConnectOptions>,
    pub(super) channel: Arc<str>,
    pub(super) runtime: Handle,
    /// The interval between two liveness queries.
    pub(super) beat: Duration,
}

impl Feed for PostgresFeed {
    fn follow(&self, listener: Weak<dyn Listener>) {
        let (options, channel) = (self.options.clone(), self.channel.clone());
        spawn_on(&self.runtime, follow(options, channel, self.beat, listener));
    }
}

impl fmt::Debug for PostgresFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresFeed").finish_non_exhaustive()
    }
}

/// The reason why a connection ends.
enum Over {
    /// The feed may miss changes from now on.
    Lost,
    /// The listener was dropped.
    Dropped,
}

/// Connects again after each loss, until the listener is dropped.
async fn follow(
    options: Arc<PgConnectOptions>,
    channel: Arc<str>,
    beat: Duration,
    listener: Weak<dyn Listener>,
) {
    let mut pause = PAUSES.0;
    loop {
        let connected = timeout(PATIENCE, connect(&options, &channel)).await;
        let over = match connected {
            Ok(Ok(connection)) => serve(connection, beat, &listener, &mut pause).await,
            Ok(Err(_)) | Err(_) => Over::Lost,
        };
        let (Over::Lost, Some(told)) = (over, listener.upgrade()) else { return };
        told.lost();
        drop(told);
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Opens the connection and listens on `channel`.
///
/// A listener of sqlx reconnects by itself, and would miss changes meanwhile without a report. So
/// eager reconnecting is off, and the caller drops the listener as soon as it reports a lost
/// connection.
async fn connect(options: &PgConnectOptions, channel: &str) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone());
    let mut connection = PgListener::connect_with(&pool).await?;
    connection.eager_reconnect(false);
    connection.listen(channel).await?;
    Ok(connection)
}

/// Reports changes until the connection fails, and sends a liveness query each `beat`.
async fn serve(
    mut connection: PgListener,
    beat: Duration,
    listener: &Weak<dyn Listener>,
    pause: &mut Duration,
) -> Over {
    let Some(told) = listener.upgrade() else { return Over::Dropped };
    // Changes before this point were not received.
    told.lost();
    drop(told);
    loop {
        let next = now() + beat;
        let Some(told) = listener.upgrade() else { return Over::Dropped };
        let asked = told.asks();
        // Reads the answer to its end, because the server sends pending notifications before that
        // end.
        let standby = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_all(&mut connection);
        let standby: Vec<bool> = match timeout(PATIENCE, standby).await {
            Ok(Ok(standby)) => standby,
            Ok(Err(_)) | Err(_) => return Over::Lost,
        };
        while let Some(notification) = connection.next_buffered() {
            notify(&*told, &notification);
        }
        if standby != [false] {
            return Over::Lost;
        }
        told.answered(asked);
        drop(told);
        *pause = PAUSES.0;
        while let Ok(received) = timeout_at(next, connection.try_recv()).await {
            let Ok(Some(notification)) = received else { return Over::Lost };
            let Some(told) = listener.upgrade() else { return Over::Dropped };
            notify(&*told, &notification);
        }
    }
}

/// Reports a change. A payload that is not a key means that the table was emptied, or that another
/// application notified, so it counts as a loss.
fn notify(listener: &dyn Listener, notification: &PgNotification) {
    match notification.payload().parse() {
        Ok(key) => listener.changed(&key),
        Err(_) => listener.lost(),
    }
}
