//! A connection on which a primary pushes changes.

use std::sync::{Arc, Weak};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, Pipeline, PushInfo, PushKind, Value};
use tokio::sync::Notify;
use tower_auth_core::store::Listener;

use super::nodes::View;
use crate::names::Names;
use crate::server::role::says_primary;
use crate::server::{Unavailable, resp3};

/// The time limit for connecting and for each liveness query.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct FeedConnection {
    connection: MultiplexedConnection,
    info: ConnectionInfo,
}

impl FeedConnection {
    /// Connects, and reports changes to the listener from then on.
    pub(super) async fn open(
        info: &ConnectionInfo,
        names: &Names,
        listener: &Weak<dyn Listener>,
        broken: &Arc<Notify>,
    ) -> Result<Self, Unavailable> {
        let info = resp3(info);
        let (told, its_names, broken) = (listener.clone(), names.clone(), broken.clone());
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(None)
            // Called where the answers are read, in their order. No queue comes between.
            .set_push_sender(move |info: PushInfo| {
                if let Some(listener) = told.upgrade() {
                    notify(&info, &its_names, &*listener);
                }
                if info.kind == PushKind::Disconnection {
                    broken.notify_one();
                }
                Ok::<_, Unavailable>(())
            });
        let client = Client::open(info.clone()).map_err(Unavailable::new)?;
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connection.await.map_err(Unavailable::new)?;
        let mut track = redis::cmd("CLIENT");
        track.arg("TRACKING").arg("ON").arg("BCAST");
        for prefix in names.record_prefixes() {
            track.arg("PREFIX").arg(prefix);
        }
        track.exec_async(&mut connection).await.map_err(Unavailable::new)?;
        Ok(Self { connection, info })
    }

    pub(super) const fn info(&self) -> &ConnectionInfo {
        &self.info
    }

    /// Queries the server's role as a sign of life and, in a Cluster, its view of the nodes.
    pub(super) async fn ask(&self, cluster: bool) -> Result<Option<View>, Unavailable> {
        let mut ask = Pipeline::with_capacity(2);
        ask.cmd("ROLE");
        if cluster {
            ask.cmd("CLUSTER").arg("NODES");
        }
        let mut connection = self.connection.clone();
        let answers = connection.req_packed_commands(&ask, 0, ask.len()).await;
        let answers = answers.map_err(Unavailable::new)?;
        if !answers.first().is_some_and(says_primary) {
            return Err(Unavailable::new("the server is not a primary"));
        }
        answers.into_iter().nth(1).map(View::read).transpose()
    }
}

fn notify(info: &PushInfo, names: &Names, listener: &dyn Listener) {
    match (&info.kind, info.data.first()) {
        (PushKind::Invalidate, Some(Value::Array(changed))) => {
            for name in changed {
                match name {
                    Value::BulkString(name) => {
                        if let Some(key) = names.key(name) {
                            listener.changed(&key);
                        }
                    }
                    _ => listener.lost(),
                }
            }
        }
        // An invalidation without names: the whole database was flushed.
        (PushKind::Invalidate | PushKind::Disconnection, _) => listener.lost(),
        _ => {}
    }
}
