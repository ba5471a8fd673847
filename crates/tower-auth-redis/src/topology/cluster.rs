//! A Redis Cluster: several servers, each of which has some of the hash slots.
//!
//! This module does not use the cluster client of the `redis` crate, because that client repeats a
//! command whose answer was lost. A write that succeeded the first time would then conflict with
//! itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, Pipeline, Value};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use super::address::at;
use super::slot::SLOTS;
use crate::runtime::{sleep, spawn, timeout};
use crate::server::{Server, Settings, Unavailable};

/// The interval between two slot queries while all servers are reachable.
const CALM: Duration = Duration::from_secs(10);
/// The interval between two slot queries while a server is unreachable. Also the minimum interval.
const UNREST: Duration = Duration::from_millis(100);

/// Maintains a map from slots to servers.
pub(crate) struct Cluster {
    shared: Arc<Shared>,
    map: watch::Receiver<Map>,
    mapper: AbortHandle,
}

#[derive(Clone)]
enum Map {
    /// The slots have not been queried yet.
    Sought,
    Known(Arc<[Option<Arc<Server>>]>),
    Down(Unavailable),
}

struct Shared {
    settings: Settings,
    /// All servers with connections, by their address.
    servers: Mutex<HashMap<String, Arc<Server>>>,
    refresh: Notify,
}

/// The first and the last slot of a range, and the server that has them.
type Range = (usize, usize, ConnectionInfo);

impl Cluster {
    pub(super) fn start(seeds: Vec<ConnectionInfo>, settings: Settings) -> Self {
        let (sender, map) = watch::channel(Map::Sought);
        let servers = Mutex::default();
        let shared = Arc::new(Shared { settings, servers, refresh: Notify::new() });
        let mapper = spawn(shared.clone().run(seeds, sender)).abort_handle();
        Self { shared, map, mapper }
    }

    pub(super) async fn server(&self, slot: u16) -> Result<Arc<Server>, Unavailable> {
        let server = self.known().await?.get(usize::from(slot)).cloned().flatten();
        server.ok_or_else(|| {
            self.refresh();
            Unavailable::new("no server has the slot")
        })
    }

    /// Returns the servers that have slots.
    pub(super) async fn primaries(&self) -> Result<Vec<Arc<Server>>, Unavailable> {
        let mut primaries: Vec<Arc<Server>> = Vec::new();
        for server in self.known().await?.iter().flatten() {
            if !primaries.iter().any(|it| Arc::ptr_eq(it, server)) {
                primaries.push(server.clone());
            }
        }
        Ok(primaries)
    }

    async fn known(&self) -> Result<Arc<[Option<Arc<Server>>]>, Unavailable> {
        let mut map = self.map.clone();
        loop {
            // Cloned, because the channel's lock must not be held while waiting.
            let now = map.borrow_and_update().clone();
            match now {
                Map::Known(slots) => return Ok(slots),
                Map::Down(down) => return Err(down),
                Map::Sought => map.changed().await.map_err(Unavailable::new)?,
            }
        }
    }

    pub(super) fn at(&self, info: &ConnectionInfo) -> Result<Arc<Server>, Unavailable> {
        self.shared.at(info)
    }

    /// Wakes the task that queries the slots, so that it updates the map soon.
    pub(super) fn refresh(&self) {
        self.shared.refresh.notify_one();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.mapper.abort();
    }
}

impl Shared {
    fn with<T>(&self, f: impl FnOnce(&mut HashMap<String, Arc<Server>>) -> T) -> T {
        f(&mut self.servers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn at(&self, info: &ConnectionInfo) -> Result<Arc<Server>, Unavailable> {
        let address = info.addr().to_string();
        self.with(|servers| match servers.get(&address) {
            Some(server) => Ok(server.clone()),
            None => {
                let server = Arc::new(Server::start(info, &self.settings)?);
                servers.insert(address, server.clone());
                Ok(server)
            }
        })
    }

    async fn run(self: Arc<Self>, seeds: Vec<ConnectionInfo>, sender: watch::Sender<Map>) {
        let mut known = false;
        loop {
            match self.ask(&seeds).await.and_then(|ranges| self.map(&ranges)) {
                Ok(slots) => {
                    known = true;
                    // A server that is ready is a connected primary. Keep it even if it is not in
                    // the map: a primary without slots may be about to get some.
                    self.with(|servers| {
                        servers.retain(|_, it| is_in(&slots, it) || it.is_ready());
                    });
                    sender.send_replace(Map::Known(slots));
                }
                // Keep the last known map, which may still be valid.
                Err(down) if !known => drop(sender.send_replace(Map::Down(down))),
                Err(_) => {}
            }
            sleep(UNREST).await;
            let calm = known && self.with(|servers| servers.values().all(|it| it.is_ready()));
            let _ = timeout(if calm { CALM } else { UNREST }, self.refresh.notified()).await;
        }
    }

    fn map(&self, ranges: &[Range]) -> Result<Arc<[Option<Arc<Server>>]>, Unavailable> {
        let mut slots = vec![None; SLOTS];
        for (first, last, info) in ranges {
            let server = self.at(info)?;
            if let Some(range) = slots.get_mut(*first..=*last) {
                range.fill(Some(server));
            }
        }
        Ok(slots.into())
    }

    /// Queries the connected servers first, and then the seeds.
    ///
    /// Returns the first answer of a connected server that considers the Cluster healthy. Without
    /// one, returns the first answer of any connected server, and then of a seed. A server that is
    /// cut off from the others keeps reporting an outdated map.
    async fn ask(&self, seeds: &[ConnectionInfo]) -> Result<Vec<Range>, Unavailable> {
        let mut why = Unavailable::new("there is no server to ask");
        let living = self.with(|servers| {
            let living = servers.values().filter(|it| it.is_ready());
            living.cloned().collect::<Vec<_>>()
        });
        let mut doubtful = None;
        for server in living {
            let answer = async { ranges(&mut server.connection().await?, server.info()).await };
            match timeout(self.settings.timeout, answer).await {
                Ok(Ok((ranges, true))) => return Ok(ranges),
                Ok(Ok((ranges, false))) => drop(doubtful.get_or_insert(ranges)),
                Ok(Err(down)) => why = down,
                Err(elapsed) => why = Unavailable::new(elapsed),
            }
        }
        if let Some(ranges) = doubtful {
            return Ok(ranges);
        }
        for seed in seeds {
            let config =
                AsyncConnectionConfig::new().set_connection_timeout(Some(self.settings.timeout));
            let answer = async {
                let client = Client::open(seed.clone()).map_err(Unavailable::new)?;
                let connection = client.get_multiplexed_async_connection_with_config(&config);
                ranges(&mut connection.await.map_err(Unavailable::new)?, seed).await
            };
            match timeout(self.settings.timeout, answer).await {
                Ok(Ok((ranges, _))) => return Ok(ranges),
                Ok(Err(down)) => why = down,
                Err(elapsed) => why = Unavailable::new(elapsed),
            }
        }
        Err(why)
    }
}

fn is_in(slots: &[Option<Arc<Server>>], server: &Arc<Server>) -> bool {
    slots.iter().flatten().any(|it| Arc::ptr_eq(it, server))
}

/// Queries one server for the slot ranges, and whether it considers the Cluster healthy. A server
/// that does not report the state counts as healthy.
async fn ranges(
    connection: &mut MultiplexedConnection,
    info: &ConnectionInfo,
) -> Result<(Vec<Range>, bool), Unavailable> {
    let mut ask = Pipeline::with_capacity(2);
    ask.cmd("CLUSTER").arg("SLOTS").cmd("CLUSTER").arg("INFO");
    let answers = connection.req_packed_commands(&ask, 0, ask.len()).await;
    let mut answers = answers.map_err(Unavailable::new)?.into_iter();
    let Some(Value::Array(ranges)) = answers.next() else {
        return Err(Unavailable::new("the server sent no slot ranges"));
    };
    let ranges: Vec<_> = ranges.iter().filter_map(|it| range(it, info)).collect();
    if ranges.is_empty() {
        return Err(Unavailable::new("no server has any slot"));
    }
    let state = answers.next().and_then(|it| redis::from_redis_value::<String>(it).ok());
    Ok((ranges, !state.is_some_and(|it| it.contains("cluster_state:fail"))))
}

/// Parses `[first, last, [host, port, …], …]`. The first server is the primary.
fn range(range: &Value, like: &ConnectionInfo) -> Option<Range> {
    let Value::Array(range) = range else { return None };
    let [Value::Int(first), Value::Int(last), Value::Array(primary), ..] = &range[..] else {
        return None;
    };
    let [host, Value::Int(port), ..] = &primary[..] else { return None };
    let host = match host {
        Value::BulkString(host) => std::str::from_utf8(host).ok()?,
        Value::SimpleString(host) => host,
        // No host: the server means the host that was asked.
        _ => "",
    };
    let info = at(like, host, u16::try_from(*port).ok()?);
    Some((usize::try_from(*first).ok()?, usize::try_from(*last).ok()?, info))
}
