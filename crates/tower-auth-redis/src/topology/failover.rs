//! Announcements of fail-overs by the Sentinels.
//!
//! Until the next query, a replaced primary would still take writes, which are then lost.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ConnectionInfo, PushInfo, PushKind, Value};
use tokio::sync::Notify;

use super::address::at;
use super::seeker::Seeker;
use crate::runtime::{now, sleep, timeout};
use crate::server::{Unavailable, resp3};

/// The channel for new primaries. A message has the name, the old host and port, and the new host
/// and port.
const CHANNEL: &str = "+switch-master";
/// The interval between two checks that a Sentinel is alive, and the pause before listening again
/// to one that failed. Queries cover the time in between.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Listens to one Sentinel until the task is aborted.
pub(super) async fn listen(seeker: Arc<Seeker>, sentinel: ConnectionInfo) {
    loop {
        let start = now();
        until_silent(&seeker, &sentinel).await;
        // A Sentinel that closes every connection must not be called in a loop.
        if now().duration_since(start) < HEARTBEAT {
            sleep(HEARTBEAT).await;
        }
    }
}

/// Returns when the Sentinel cannot be subscribed to, or no longer answers.
async fn until_silent(seeker: &Arc<Seeker>, sentinel: &ConnectionInfo) {
    let (patience, broken) = (seeker.settings.timeout, Arc::new(Notify::new()));
    let subscribed = timeout(patience, subscribe(seeker, sentinel, &broken));
    let Ok(Ok(mut connection)) = subscribed.await else { return };
    while timeout(HEARTBEAT, broken.notified()).await.is_err() {
        let ping = redis::cmd("PING");
        match timeout(patience, ping.exec_async(&mut connection)).await {
            Ok(Ok(())) => {}
            _ => return,
        }
    }
}

async fn subscribe(
    seeker: &Arc<Seeker>,
    sentinel: &ConnectionInfo,
    broken: &Arc<Notify>,
) -> Result<MultiplexedConnection, Unavailable> {
    let (told, broken) = (seeker.clone(), broken.clone());
    let config = AsyncConnectionConfig::new().set_push_sender(move |info: PushInfo| {
        match info.kind {
            PushKind::Message => {
                if let Some(primary) = switched(&told, &info.data) {
                    told.told.send_replace(Some(primary));
                }
            }
            PushKind::Disconnection => broken.notify_one(),
            _ => {}
        }
        Ok::<_, Unavailable>(())
    });
    let mut connection = seeker.connect(&resp3(sentinel), config).await?;
    connection.subscribe(CHANNEL).await.map_err(Unavailable::new)?;
    Ok(connection)
}

/// Returns the new primary's address if the message is about this store's primary.
fn switched(seeker: &Seeker, message: &[Value]) -> Option<ConnectionInfo> {
    let [_, Value::BulkString(switch)] = message else { return None };
    let mut words = std::str::from_utf8(switch).ok()?.rsplitn(5, ' ');
    let (port, host, _, _) = (words.next()?, words.next()?, words.next()?, words.next()?);
    (words.next()? == seeker.name).then_some(())?;
    Some(at(&seeker.server, host, port.parse().ok()?))
}
