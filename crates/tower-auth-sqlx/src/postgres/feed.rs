//! Who hears what other nodes write: `LISTEN` on a connection of its own.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgNotification, PgPoolOptions};
use tokio::runtime::Handle;
use tower_auth_core::store::{Feed, Listener};

use crate::runtime::{now, sleep, spawn_on, timeout, timeout_at};

/// How often the server is asked for a sign of life.
pub(super) const BEAT: Duration = Duration::from_secs(1);
/// How long it may take for anything.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait before connecting again: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// Tells of every change to a [`PostgresStore`](super::PostgresStore)'s table, whoever makes it.
///
/// A trigger on the table notifies in the transaction that makes the change; this listens on a
/// connection of its own, outside of the pool. On that same connection the server is asked each second
/// for a sign of life, and whether it still takes writes. It tells that it was lost, and connects
/// again, when the connection breaks, when 2 seconds pass without the answer, and when the server has
/// become a standby. [`PostgresStore::feed`](super::PostgresStore::feed) makes it.
pub struct PostgresFeed {
    pub(super) options: Arc<PgConnectOptions>,
    pub(super) channel: Arc<str>,
    pub(super) runtime: Handle,
    /// How often the server is asked for a sign of life.
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

/// Why a connection is given up.
enum Over {
    /// Changes may be missed from now on.
    Lost,
    /// Nobody is there to be told.
    Nobody,
}

/// Connects, again and again, as long as there is somebody to tell.
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

/// A listener of sqlx's reconnects by itself, from its pool, and what was missed meanwhile is missed:
/// so it must not do so at once, and is dropped as soon as it says that it lost its connection.
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

/// Tells of changes until the connection fails, and asks once a beat.
async fn serve(
    mut connection: PgListener,
    beat: Duration,
    listener: &Weak<dyn Listener>,
    pause: &mut Duration,
) -> Over {
    let Some(told) = listener.upgrade() else { return Over::Nobody };
    // Whatever was changed until now was not heard.
    told.lost();
    drop(told);
    loop {
        let next = now() + beat;
        let Some(told) = listener.upgrade() else { return Over::Nobody };
        let asked = told.asks();
        // Read to the end of the answer: the server sends what it has to tell before that end.
        let standby = sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_all(&mut connection);
        let standby: Vec<bool> = match timeout(PATIENCE, standby).await {
            Ok(Ok(standby)) => standby,
            Ok(Err(_)) | Err(_) => return Over::Lost,
        };
        while let Some(notification) = connection.next_buffered() {
            tell(&*told, &notification);
        }
        if standby != [false] {
            return Over::Lost;
        }
        told.answered(asked);
        drop(told);
        *pause = PAUSES.0;
        while let Ok(received) = timeout_at(next, connection.try_recv()).await {
            let Ok(Some(notification)) = received else { return Over::Lost };
            let Some(told) = listener.upgrade() else { return Over::Nobody };
            tell(&*told, &notification);
        }
    }
}

/// What is not the name of a record is anything: the table was emptied, or somebody else speaks.
fn tell(listener: &dyn Listener, notification: &PgNotification) {
    match notification.payload().parse() {
        Ok(key) => listener.changed(&key),
        Err(_) => listener.lost(),
    }
}
